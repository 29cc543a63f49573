/** One step of taking a database over. Nothing of it is executed by `adopt`. */
export interface AdoptStep {
  /** @default - it concerns no single table */
  readonly object?: string;
  /** `sql`: statements to run. `command`: something to type. `decision`: something to settle first; its statements hold what cannot be known. */
  readonly kind: 'sql' | 'command' | 'decision';
  readonly summary: string;
  readonly reason: string;
  readonly sql: readonly string[];
  /** The strongest lock that it takes, and on what. @default - none that anybody waits for */
  readonly lock?: string;
  /** What can go wrong, or what it costs. @default - nothing */
  readonly hazard?: string;
}

export interface AdoptWay {
  readonly name: 'beside' | 'in place';
  readonly summary: string;
  readonly steps: readonly AdoptStep[];
}

/** The steps as a script: what is no SQL stands in comments. */
export function scriptOf({ name, summary, steps }: AdoptWay, database: string): string {
  const comment = (text: string): string => text.split('\n').map((line) => `-- ${line}`.trimEnd()).join('\n');
  return [
    comment(`Taking over database ${database}: ${name}.\n${summary}\nNothing of this was executed. Read each step before you run it.`),
    ...steps.map((step, i) => [
      '', comment(`${i + 1}. ${step.kind === 'decision' ? 'DECISION: ' : ''}${step.summary}\n   why: ${step.reason}${step.lock === undefined ? '' : `\n   lock: ${step.lock}`}${step.hazard === undefined ? '' : `\n   hazard: ${step.hazard}`}`),
      ...(step.kind === 'command' ? step.sql.map(comment) : step.sql.map((statement) => `${statement};`)),
    ].join('\n')), '',
  ].join('\n');
}

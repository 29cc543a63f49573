import { type Change, type Difference, type Finding, type Plan, type Refusal, SERVER_VERSION } from '../../bootstrap';
import { VERSION } from '../../bootstrap/version';
import { count } from '../../core/text';
import type { Colors } from '../streams';

interface Line {
  readonly symbol: string;
  readonly kind: string;
  readonly summary: string;
  readonly note: string;
  readonly places: number;
}

const SYMBOL: Readonly<Record<Change['action'], string>> = { create: '+', grant: '+', load: '+', alter: '~', validate: '~', drop: '-', revoke: '-' };
const MOST_LINES = 60;
const PLACE_CONTENT = 'place content';

/** The plan for people. Equal changes in many places are one line. */
export function planText(plan: Plan, address: string, colors: Colors, now = new Date()): string {
  const changes = plan.differences.filter((difference): difference is Change => difference.type === 'change');
  const last = plan.lastApply === undefined ? 'never applied' : `last apply ${ago(plan.lastApply.startedAt, now)}`;
  const parts = [`  ${colors.bold(`${plan.declaration} @ ${address}`)} (PostgreSQL ${plan.serverVersion}, ${count(plan.tenants, 'tenant')})   ${colors.dim(last)}`];
  parts.push(...sections(plan, withoutRecords(changes), colors));
  parts.push(...notDone(plan.differences, colors), ...failedBefore(plan.failedTenants, colors));
  parts.push(`  ${summary(plan.differences, changes)}`);
  return `\n${parts.join('\n\n')}\n`;
}

/** What was changed by hand, and what is declared since; a list that is too long, by kind. */
function sections(plan: Plan, changes: readonly Change[], colors: Colors): string[] {
  const drift = changes.filter(({ origin }) => origin === 'drift');
  const pending = changes.filter(({ origin }) => origin !== 'drift');
  const told = pending.some(({ origin }) => origin !== undefined);
  return [
    ...(drift.length === 0 ? [] : [section(`${colors.red('drift')}   – changed by hand since the last apply`, changeLines(drift, true))]),
    ...(pending.length === 0 ? [] : [section(`${colors.yellow('pending')} – declared${told ? ' since the last apply' : since(plan.lastApply)}`, changeLines(pending))]),
  ];
}

const section = (title: string, lines: readonly Line[]): string =>
  [`  ${title}`, ...(lines.length > MOST_LINES ? [...byKind(lines), `    ${lines.length} different changes; --format json lists each`] : render(lines))].join('\n');

const since = (lastApply: Plan['lastApply']): string =>
  (lastApply === undefined ? '' : `${lastApply.libraryVersion === VERSION ? '' : `, or new in tenantry ${VERSION},`} since the last apply, or changed by hand`);

export function changeLines(changes: readonly Change[], drift = false): Line[] {
  return grouped(together(changes), (change) => ({
    symbol: drift ? '!' : SYMBOL[change.action], kind: change.kind, summary: change.summary,
    note: change.lock === 'none' ? 'no lock' : `${change.lock}, ${change.hazard === 'scan' ? 'reads the table' : 'ms'}`,
  }));
}

/** What is written down of places goes with the changes that it is about. It is counted, and told where there is nothing else. */
function withoutRecords(changes: readonly Change[]): readonly Change[] {
  const others = changes.filter(({ kind }) => kind !== PLACE_CONTENT);
  return others.length === 0 ? changes : others;
}

/** The same thing done to each partition of a table by itself is one thing. */
function together(changes: readonly Change[]): Change[] {
  const whole = new Map<string, { readonly first: Change; readonly what: string; partitions: number }>();
  for (const change of changes) {
    const { target, place, kind, action, lock, hazard, summary } = change;
    const what = /^(.*), in [^,]+$/.exec(summary)?.[1] ?? summary;
    const key = JSON.stringify([target, place, kind, action, lock, hazard, what === summary ? [whole.size] : what]);
    const found = whole.get(key) ?? { first: change, what, partitions: 0 };
    found.partitions++;
    whole.set(key, found);
  }
  return [...whole.values()].map(({ first, what, partitions }) => (partitions === 1 ? first : { ...first, summary: `${what}, in ${partitions} partitions` }));
}

function failedBefore(failed: Plan['failedTenants'], colors: Colors): string[] {
  if (failed.length === 0) return [];
  const lines = failed.slice(0, MOST_LINES).flatMap(({ tenant, generation, code, error }) => [`    ${colors.red('✗')} ${tenant}: ${code}, generation ${generation}`, `      ${error.split('\n')[0] ?? ''}`]);
  return [[`  ${colors.red('failed')} – tenants that the last apply could not change`, ...lines, ...(failed.length > MOST_LINES ? [`    and ${failed.length - MOST_LINES} more; --format json lists each`] : [])].join('\n')];
}

function notDone(differences: readonly Difference[], colors: Colors): string[] {
  const refusals = differences.filter((difference): difference is Refusal => difference.type === 'refusal' && difference.kind !== SERVER_VERSION);
  const findings = differences.filter((difference): difference is Finding => difference.type === 'finding' && difference.kind !== SERVER_VERSION);
  const version = versionLines(differences, colors);
  return [
    ...(version.length === 0 ? [] : [['  server version', ...version.map((line) => `    ${line}`)].join('\n')]),
    ...refused('nothing is applied while these stand', refusals.filter(({ blocking }) => blocking === true), colors),
    ...refused('left as it is, for the reason given; the rest is applied', refusals.filter(({ blocking }) => blocking !== true), colors),
    ...(findings.length === 0 ? [] : [[`  ${colors.dim('findings')} – not declared, and left alone`,
      ...grouped(findings, ({ kind, summary }) => ({ symbol: '·', kind, summary, note: '' })).map(({ symbol, kind, summary, places }) => `    ${symbol} ${kind}: ${summary}${times(places)}`)].join('\n')]),
  ];
}

function refused(heading: string, refusals: readonly Refusal[], colors: Colors): string[] {
  if (refusals.length === 0) return [];
  return [[`  ${colors.red('refused')} – ${heading}`,
    ...grouped(refusals, ({ kind, summary, fix }) => ({ symbol: '✗', kind, summary, note: fix })).flatMap(({ symbol, kind, summary, note, places }) => [
      `    ${symbol} ${kind}: ${summary}${times(places)}`, `      ${note}`,
    ])].join('\n')];
}

/** What is said of the server's version. */
function versionLines(differences: readonly Difference[], colors: Colors): string[] {
  return differences.flatMap((difference) => {
    if (difference.kind !== SERVER_VERSION) return [];
    return difference.type === 'refusal' ? [`${colors.red('✗')} ${difference.summary}`, `  ${difference.fix}`] : [`· ${difference.summary}`];
  });
}

function summary(differences: readonly Difference[], changes: readonly Change[]): string {
  const refused = differences.filter(({ type }) => type === 'refusal').length;
  const tail = refused === 0 ? '' : ` ${count(refused, 'difference')} ${refused === 1 ? 'is' : 'are'} refused.`;
  if (changes.length === 0) return refused === 0 ? 'As declared: nothing to do.' : `Nothing to do.${tail}`;
  const statements = changes.reduce((n, { sql }) => n + sql.length, 0);
  const scans = changes.some(({ hazard }) => hazard === 'scan');
  const fills = changes.some(({ kind, hazard }) => kind === 'partition' && hazard === 'scan');
  const locks = changes.every(({ lock }) => lock === 'none') ? 'No table is locked.'
    : `Longest lock: ${fills ? 'while a default partition is read, which whoever reads or writes there waits for' : scans ? 'while a table is read, without blocking reads or writes' : 'milliseconds'}.`;
  const records = changes.length - withoutRecords(changes).length;
  const told = records === 0 ? '' : `, ${records} of them to write down what places hold`;
  return `${count(changeLines(changes).length, 'change')} in ${count(statements, 'statement')}${told}. Nothing is lost. ${locks}${tail}`;
}

function grouped<T>(items: readonly T[], line: (item: T) => Omit<Line, 'places'>): Line[] {
  const groups = new Map<string, Line>();
  for (const item of items) {
    const fields = line(item);
    const key = JSON.stringify(fields);
    const group = groups.get(key);
    groups.set(key, { ...fields, places: (group?.places ?? 0) + 1 });
  }
  return [...groups.values()];
}

function render(lines: readonly Line[]): string[] {
  const kind = Math.max(...lines.map((line) => line.kind.length));
  const text = Math.min(70, Math.max(...lines.map((line) => line.summary.length)));
  return lines.map((line) => `    ${line.symbol} ${line.kind.padEnd(kind)}  ${line.summary.padEnd(text)}  ${line.note}${times(line.places)}`);
}

function byKind(lines: readonly Line[]): string[] {
  const kinds = new Map<string, number>();
  for (const { symbol, kind, places } of lines) kinds.set(`${symbol} ${kind}`, (kinds.get(`${symbol} ${kind}`) ?? 0) + places);
  return [...kinds].map(([kind, n]) => `    ${kind.padEnd(20)}  ${n.toLocaleString('en-US')}`);
}

const times = (places: number): string => (places === 1 ? '' : `  × ${places.toLocaleString('en-US')}`);

export function ago(then: Date, now: Date): string {
  const seconds = Math.max(0, Math.round((now.getTime() - then.getTime()) / 1000));
  const [n, unit] = seconds < 60 ? [seconds, 'second'] : seconds < 3600 ? [Math.floor(seconds / 60), 'minute'] : seconds < 86_400 ? [Math.floor(seconds / 3600), 'hour'] : [Math.floor(seconds / 86_400), 'day'];
  return `${count(n, unit)} ago`;
}

/** `production-data/Shop` is the construct; people know it by its stack. */
export const addressOf = (address: string): string => address.split('/')[0] ?? address;

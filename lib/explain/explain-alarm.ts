import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CODES } from './codes';

/** What to do when an alarm of the catalogue rings. */
export interface ExplainedAlarm {
  readonly alarm: string;
  /** What holds whatever rings. */
  readonly first: string;
  /** What it means, where to look, what to do. */
  readonly steps: readonly { readonly title: string; readonly text: string }[];
}

/** Beside the sources and, in the package, beside what they were compiled to. */
const FILES = [join(__dirname, '..', 'alerting', 'RUNBOOKS.md'), join(__dirname, '..', '..', '..', 'lib', 'alerting', 'RUNBOOKS.md')];

/** The ids of the alarms that have a runbook. */
export const explainedAlarms = (): string[] => sections().map(({ alarm }) => alarm);

/**
 * @param name - id of an alarm, or its name in CloudWatch: that of the database, the id, and for some the instance or `outside-maintenance`
 * @returns nothing, too, for the code of an error without its module
 */
export function explainAlarm(name: string): ExplainedAlarm | undefined {
  const all = sections();
  const exact = all.find(({ alarm }) => alarm === name);
  if (exact !== undefined || Object.keys(CODES).some((code) => code.endsWith(`/${name}`))) return exact;
  for (let rest = name; rest.includes('-'); rest = rest.slice(0, rest.lastIndexOf('-'))) {
    const [longest] = all.filter(({ alarm }) => rest.endsWith(`-${alarm}`)).sort((a, b) => b.alarm.length - a.alarm.length);
    if (longest !== undefined) return longest;
  }
  return undefined;
}

function sections(): ExplainedAlarm[] {
  const [intro = '', ...found] = readFileSync(FILES.find((file) => existsSync(file)) ?? FILES[0] as string, 'utf8').split(/^## /m);
  const first = plain(intro.trim().split('\n\n').at(-1) ?? '');
  return found.map((section) => {
    const [alarm = '', ...lines] = section.split('\n');
    return { alarm, first, steps: [...lines.join('\n').matchAll(/^- \*\*(\w+)\*\* (.*)$/gm)].map(([, title = '', text = '']) => ({ title, text: plain(text) })) };
  });
}

/** Without its marks: links name other alarms. */
const plain = (text: string): string => text.replace(/\[([^\]]+)\]\([^)]*\)/g, '$1').replaceAll('**', '').replaceAll('\n', ' ');

import { type AdoptFinding, type Adoption, SEVERITIES, type Severity } from '../../bootstrap';
import { count } from '../../core/text';
import type { Colors } from '../streams';

const HEADS: Readonly<Record<Severity, string>> = {
  blocker: 'Blockers: tenants would not be kept apart, or something cannot be taken over',
  decision: 'Decisions: the draft holds a proposal',
  difference: 'Differences: otherwise in the new place, or left out of the draft',
  note: 'Notes',
};
/** More than these of one kind are in the files and in JSON. */
const MOST = 12;

/** What an existing database lacks, for people: what is said of many objects is said once. */
export function adoptText(found: Adoption, files: readonly string[], colors: Colors): string {
  const lines = ['', `  ${colors.bold(`Database ${found.database}`)}, PostgreSQL ${found.serverVersion}: ${count(found.tables, 'table')} in ${found.schemas.join(', ')}`, `  as declaration ${found.name}${found.tenantColumn === undefined ? '' : `, tenants by ${found.tenantColumn}`}. Nothing was changed.`];
  for (const severity of SEVERITIES) {
    const findings = found.findings.filter((finding) => finding.severity === severity);
    if (findings.length === 0) continue;
    const paint = severity === 'blocker' ? colors.red : severity === 'decision' ? colors.yellow : colors.dim;
    lines.push('', `  ${paint(`${HEADS[severity]} (${findings.length})`)}`);
    for (const group of groupsOf(findings)) lines.push(...groupLines(group, colors));
  }
  for (const way of found.ways) {
    const of = (kind: string): number => way.steps.filter((step) => step.kind === kind).length;
    lines.push('', `  ${colors.bold(`Way: ${way.name}`)}   ${count(way.steps.length, 'step')}, ${count(of('decision'), 'decision')} among them`, `    ${way.summary}`);
  }
  lines.push('', files.length === 0 ? '  --out FOLDER writes the draft of a declaration and the steps as SQL.' : `  Written: ${files.join(', ')}`, '');
  return lines.join('\n');
}

function groupsOf(findings: readonly AdoptFinding[]): AdoptFinding[][] {
  const groups = new Map<string, AdoptFinding[]>();
  for (const finding of findings) {
    const key = JSON.stringify([finding.code, finding.code === 'adopt/tenancy' ? finding.needed : finding.way]);
    groups.set(key, [...groups.get(key) ?? [], finding]);
  }
  return [...groups.values()];
}

function groupLines(group: readonly AdoptFinding[], colors: Colors): string[] {
  const [first] = group;
  if (first === undefined) return [];
  const oneNeed = group.every(({ needed }) => needed === first.needed);
  return [
    `    ${first.code}${group.length > 1 ? ` (${group.length})` : ''}`,
    ...group.slice(0, MOST).map(({ object, there, needed }) => `      ${object}: ${there}${oneNeed ? '' : colors.dim(` → ${needed}`)}`),
    ...(group.length > MOST ? [`      and ${count(group.length - MOST, 'other')}`] : []),
    ...(oneNeed ? [colors.dim(`      needed: ${first.needed}`)] : []), colors.dim(`      way: ${first.way}`),
  ];
}

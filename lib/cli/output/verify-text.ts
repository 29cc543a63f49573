import type { Evidence, EvidenceSummary } from '../../bootstrap';
import { count } from '../../core/text';
import type { Colors } from '../streams';

export const coverageText = ({ attacks, tables, roles, modes }: EvidenceSummary): string =>
  `${count(attacks, 'attack')} × ${count(tables, 'table')} × ${count(roles, 'role')} × ${count(modes, 'mode')}`;

export const verdictsText = ({ denied, accepted, breached, unknown, notApplicable }: EvidenceSummary, colors: Colors): string => [
  `${denied.toLocaleString('en-US')} denied`, ...(accepted === 0 ? [] : [`${accepted} accepted`]),
  ...(breached === 0 ? [] : [colors.red(`${breached} BREACHED`)]), ...(unknown === 0 ? [] : [colors.yellow(`${unknown} unknown`)]),
  ...(notApplicable === 0 ? [] : [`${notApplicable.toLocaleString('en-US')} not applicable`]),
].join(', ');

/** The verification for people: one line when all held, each breach and each unknown with its remedy when not. */
export function verifyText(evidence: Evidence, file: string, colors: Colors): string {
  const { summary } = evidence;
  const lines = [
    `  isolation   ${coverageText(summary)}    ${verdictsText(summary, colors)}    ${(evidence.milliseconds / 1000).toFixed(1)} s`,
    ...acceptedLines(evidence, colors),
    ...failures(evidence, 'breached', colors), ...failures(evidence, 'unknown', colors),
    `  access      ${count(evidence.access.roles, 'role')}, ${count(evidence.access.grants, 'grant')}, ${count(evidence.access.policies, 'policy', 'policies')}`,
    ...evidence.server.minorVersion.findings.map(({ summary }) => `  server      ${colors.dim(summary)}`),
    `  evidence    ${file}`,
  ];
  return `\n${lines.join('\n')}\n`;
}

/** Accepted risks that lead to another tenant's rows; the others disturb, or show names and numbers. */
const ACROSS_TENANTS = ['switch-context', 'shared-login'];

function acceptedLines({ accepted }: Evidence, colors: Colors): string[] {
  const across = accepted.filter(({ attack }) => ACROSS_TENANTS.includes(attack));
  const others = accepted.filter(({ attack }) => !ACROSS_TENANTS.includes(attack)).map(({ attack }) => attack);
  return [
    ...across.flatMap(({ reason, remedy }) => [`              accepted: ${reason}`, `              ${colors.dim(remedy)}`]),
    ...(others.length === 0 ? [] : [`              accepted: ${others.join(', ')}; reasons and remedies are in the evidence`]),
  ];
}

const MOST = 20;

function failures(evidence: Evidence, verdict: 'breached' | 'unknown', colors: Colors): string[] {
  const found = evidence.results.filter((result) => result.verdict === verdict);
  const paint = verdict === 'breached' ? colors.red : colors.yellow;
  return [
    ...found.slice(0, MOST).flatMap((result) => [
      `  ${paint(verdict.padEnd(10))}  ${result.attack}: ${[result.place, result.table].filter((part) => part !== undefined).join('.')}${result.role === undefined ? '' : ` as ${result.role}`} – ${result.observed}`,
      ...(result.remedy === undefined ? [] : [`              ${colors.dim(result.remedy)}`]),
    ]),
    ...(found.length > MOST ? [`              and ${found.length - MOST} more in the evidence`] : []),
  ];
}

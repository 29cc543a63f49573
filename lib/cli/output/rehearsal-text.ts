import { type Complaint, formatComplaint } from '../../core/errors';
import { count, listOf } from '../../core/text';
import { type PlannedAction, type PlannedChange, type RehearsalReport, type StackReport, SYNTHESIS_WARNING } from '../../rehearsal';
import type { Colors } from '../streams';

/** One line that says what a rehearsal is, before anything is shown. */
export const rehearsalHead = ({ terraform, standIns }: Pick<RehearsalReport, 'terraform' | 'standIns'>, colors: Colors): string =>
  `\n  ${colors.bold('rehearsal')}   Terraform ${terraform}, with a stand-in for ${listOf(standIns.map(({ address, version }) => `${address.replace('registry.terraform.io/', '')} ${version}`))}: no cloud was asked, and the cloud may answer differently.\n\n`;

export function rehearsalText(report: RehearsalReport, colors: Colors): string {
  const width = Math.max(...report.stacks.map(({ name }) => name.length));
  const lines = report.stacks.map((stack) => `  ${stack.name.padEnd(width)}   ${stepsOf(stack, colors)}`);
  const replaced = report.stacks.flatMap(({ changes }) => changes.filter(({ action }) => action === 'replace' || action === 'delete' || action === 'forget'));
  return [
    ...lines,
    ...(replaced.length === 0 ? [] : ['', ...replaced.map((change) => `  ${colors.red(change.action.padEnd(11))} ${named(change)}${change.replacedBy.length === 0 ? '' : `, because of ${listOf(change.replacedBy)}`}`)]),
    ...section('unsettled', report.stacks.flatMap(({ differs }) => differs.map((change) => `${change.action} ${named(change)}: ${listOf(change.attributes)}`)), colors.red),
    ...section('freed', freed(report), (text) => text),
    ...section('schema only', report.schemaOnly.length === 0 ? [] : [`${report.schemaOnly.join(', ')}: allowed values, defaults and replacement are not known`], colors.yellow),
    ...section('warnings', report.warnings.map(inOneLine), colors.yellow),
    '',
  ].join('\n');
}

/** A construct's own warning needs no code: it says itself what to do. */
const inOneLine = (warning: Complaint): string =>
  (warning.code === SYNTHESIS_WARNING ? `${warning.at ?? ''}: ${warning.problem}` : formatComplaint(warning)).replace(/\s+/g, ' ');

function stepsOf({ steps, changes, differs }: StackReport, colors: Colors): string {
  const seconds = steps.reduce((sum, { milliseconds }) => sum + milliseconds, 0) / 1000;
  const said = steps.map(({ step }) => {
    if (step === 'validate') return 'valid';
    if (step === 'plan') return summaryOf(changes);
    if (step === 'second plan') return differs.length === 0 ? 'second plan empty' : colors.red(`second plan: ${summaryOf(differs)}`);
    return step === 'apply' ? 'applied' : 'destroyed';
  });
  return `${said.join(' · ')}   ${seconds.toFixed(1)} s`;
}

function summaryOf(changes: readonly PlannedChange[]): string {
  const words: Readonly<Record<PlannedAction, string>> = { create: 'to create', update: 'to update', replace: 'to replace', delete: 'to destroy', move: 'to move', import: 'to import', forget: 'to forget' };
  const counts = (Object.keys(words) as PlannedAction[]).flatMap((action) => {
    const found = changes.filter((change) => change.action === action).length;
    return found === 0 ? [] : [`${found} ${words[action]}`];
  });
  return counts.length === 0 ? 'nothing to change' : counts.join(', ');
}

const named = ({ constructPath, address }: PlannedChange): string => (constructPath === undefined ? address : `${constructPath} (${address})`);

function freed({ stacks }: RehearsalReport): string[] {
  const lifted = stacks.flatMap((stack) => stack.lifted);
  if (lifted.length === 0) return [];
  const byArgument = [...new Set(lifted.map(({ argument }) => argument))].map((argument) => `${argument} of ${count(lifted.filter((one) => one.argument === argument).length, 'object')}`);
  return [`before it was destroyed, as an operator would have to: ${byArgument.join(', ')}`];
}

function section(title: string, lines: readonly string[], color: (text: string) => string): string[] {
  return lines.length === 0 ? [] : ['', ...lines.map((line, i) => `  ${(i === 0 ? color(title.padEnd(11)) : ' '.repeat(11))} ${line}`)];
}

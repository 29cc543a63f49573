import { count, listOf } from '../../core/text';
import type { ExplainedAlarm, ExplainedCluster, ExplainedCode, ScalingExplanation, ScalingStep } from '../../explain';
import type { Colors } from '../streams';

const KINDS: Readonly<Record<ExplainedCluster['kind'], string>> = { 'aurora': 'Aurora', 'multi-az-cluster': 'Multi-AZ DB cluster', 'multi-az-instance': 'Multi-AZ DB instance', 'single': 'single instance' };

export function explainedCodeText({ code, means, because, ways, source }: ExplainedCode, colors: Colors): string {
  return [
    '', `  ${colors.bold(code)}`, '', ...wrapped(means, '  '), '', ...wrapped(because, '  '), '',
    ...ways.flatMap((way) => wrapped(way, '    ', '  – ')), ...(source === undefined ? [] : ['', ...wrapped(`Source: ${source}`, '  ')]), '', '',
  ].join('\n');
}

export function explainedAlarmText({ alarm, first, steps }: ExplainedAlarm, colors: Colors): string {
  return ['', `  ${colors.bold(alarm)}`, '', ...steps.flatMap(({ title, text }) => wrapped(text, ' '.repeat(9), `  ${title.padEnd(7)}`)), '', ...wrapped(first, '  '), '', ''].join('\n');
}

export function scalingText(explained: readonly ScalingExplanation[], none: string, colors: Colors): string {
  if (explained.length === 0) return `\n  ${none}\n\n`;
  return `${explained.map((one) => clusterText(one, colors)).join('')}\n`;
}

function clusterText({ cluster, steps, notes }: ScalingExplanation, colors: Colors): string {
  const { name, identifier, kind, members, pooled } = cluster;
  const classes = [...new Set(members.map(({ instanceClass }) => instanceClass))];
  const sources = [...new Set(steps.flatMap(({ interruption: { source } }) => source?.split('; ') ?? []))];
  const what = kind === 'aurora' ? `${KINDS.aurora}, ${count(members.length, 'instance')} of ${listOf(classes)}` : `${KINDS[kind]} of ${listOf(classes)}`;
  return [
    '', `  ${colors.bold(name)}   ${name === identifier ? '' : `${identifier}, `}${what}${pooled ? ', behind a proxy' : ''}`, '',
    ...steps.flatMap((step, i) => stepText(step, i + 1, colors)),
    ...notes.flatMap((note) => wrapped(note, '    ', '  – ')), ...(sources.length === 0 ? [] : wrapped(`Sources: ${sources.join('; ')}`, '  ')), '',
  ].join('\n');
}

function stepText({ title, commands, interruption: { writing, reading }, undo }: ScalingStep, number: number, colors: Colors): string[] {
  const indent = '     ';
  const quiet = writing === 'goes on' && reading === 'goes on';
  return [
    ...wrapped(title, indent, `  ${String(number).padEnd(3)}`),
    ...commands.map((command) => `${indent}  ${colors.cyan(command)}`),
    ...wrapped(quiet ? 'Nothing is interrupted.' : `Writing ${writing}. Reading: ${reading}.`, indent),
    ...(undo === undefined ? [] : wrapped(`Back: ${undo}.`, indent)), '',
  ];
}

const WIDTH = 120;

function wrapped(text: string, indent: string, first = indent): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && indent.length + line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((one, i) => `${i === 0 ? first : indent}${one}`);
}

import { TenantryError } from '../../core/errors';
import { clustersOfPlan, clustersOfStacks, explainAlarm, explainCode, scalingOrder } from '../../explain';
import { json } from '../documents';
import { EXIT } from '../exit';
import { explainedAlarmText, explainedCodeText, scalingText } from '../output/explain-text';
import { colorsFor, type Streams } from '../streams';

export interface ExplainCommandOptions {
  readonly dir?: string;
  readonly plan?: string;
  readonly stack?: string;
  readonly format: 'text' | 'json';
}

export function explainCommand(topic: string, options: ExplainCommandOptions, streams: Streams): number {
  const colors = colorsFor(streams);
  const { format } = options;
  const alarm = topic === 'scaling' || topic.includes('/') ? undefined : explainAlarm(topic);
  if (alarm !== undefined) {
    streams.out.write(format === 'json' ? json({ format: 'tenantry/explain@1', topic: 'alarm', ...alarm }) : explainedAlarmText(alarm, colors));
    return EXIT.done;
  }
  if (topic !== 'scaling') {
    const explained = explainCode(topic);
    streams.out.write(format === 'json' ? json({ format: 'tenantry/explain@1', topic: 'code', ...explained }) : explainedCodeText(explained, colors));
    return EXIT.done;
  }
  const explained = clustersOf(options).map(scalingOrder);
  const none = options.plan === undefined ? 'No database is declared in these stacks.' : 'No instance gets another class in this plan.';
  streams.out.write(format === 'json' ? json({ format: 'tenantry/explain@1', topic: 'scaling', planned: options.plan !== undefined, clusters: explained.map(({ cluster, ...rest }) => ({ ...cluster, ...rest })) }) : scalingText(explained, none, colors));
  return EXIT.done;
}

function clustersOf({ dir, plan, stack }: ExplainCommandOptions) {
  if (plan === undefined) return clustersOfStacks(dir ?? 'cdktf.out', stack);
  const beside = Object.entries({ '--dir': dir, '--stack': stack }).filter(([, value]) => value !== undefined).map(([name]) => name);
  if (beside.length > 0) throw new TenantryError('input', { code: 'explain/plan-or-stacks', at: beside.join(' '), problem: 'A plan holds the databases that it changes, and of one stack only.', fix: `Leave out ${beside.join(' and ')}, or --plan.` });
  return clustersOfPlan(plan);
}

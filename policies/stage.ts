import { type Stage, STAGES } from '../lib/environment/profile';
import type { SynthesizedStack } from './stack';

/** What kind of environment a stack belongs to: the default tag `stage` of its provider. */
export function stageOf(stack: SynthesizedStack): Stage | undefined {
  for (const provider of stack.providers('aws')) {
    const blocks = (Array.isArray(provider.default_tags) ? provider.default_tags : [provider.default_tags]) as readonly ({ tags?: { stage?: unknown } } | undefined)[];
    const stage = blocks[0]?.tags?.stage;
    if (STAGES.includes(stage as Stage)) return stage as Stage;
  }
  return undefined;
}

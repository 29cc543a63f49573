import { REQUIRED_TAGS } from '../../lib/core/tags';
import { finding, type Judgement, pass, type Rule, unknown } from '../rule';
import type { SynthesizedStack } from '../stack';

export const tagsComplete: Rule = {
  id: 'tags-complete',
  requires: `Everything carries the tags ${REQUIRED_TAGS.join(', ')}, and no resource overrides them.`,
  why: 'What nobody owns nobody patches, and what has no cost centre nobody pays for.',
  check: (stack) => [...providers(stack), ...overriding(stack)],
};

/** Tags come from the provider, so that no resource can be forgotten. */
function providers(stack: SynthesizedStack): Judgement[] {
  return stack.providers('aws').map((provider): Judgement => {
    const place = { address: `provider.aws${provider.alias === undefined ? '' : `.${String(provider.alias)}`}`, type: 'provider', arguments: provider };
    const blocks = (Array.isArray(provider.default_tags) ? provider.default_tags : [provider.default_tags ?? {}]) as readonly { tags?: unknown }[];
    const tags = stack.known<Record<string, unknown>>(blocks[0]?.tags);
    if (tags.is === 'unknown') return unknown(place, `default_tags is ${tags.expression}.`);
    const missing = REQUIRED_TAGS.filter((tag) => tags.is === 'absent' || tags.value[tag] === undefined || tags.value[tag] === '');
    return missing.length === 0 ? pass(place) : finding(place, 'missing', `default_tags has no ${missing.join(', ')}.`, 'Use an EnvironmentStack, or give default_tags.');
  });
}

function overriding(stack: SynthesizedStack): Judgement[] {
  return stack.resources().flatMap((resource): Judgement[] => {
    const { tags } = resource.arguments;
    if (tags === undefined) return [];
    if (typeof tags !== 'object' || tags === null) return [unknown(resource, `tags is ${String(tags)}.`)];
    const twice = REQUIRED_TAGS.filter((tag) => tag in tags);
    return twice.length === 0 ? [] : [finding(resource, 'overridden', `The resource gives ${twice.join(', ')} itself, which wins over the environment's.`, 'Remove it from tags.')];
  });
}

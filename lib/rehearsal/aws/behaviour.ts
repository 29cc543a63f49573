import { isObject, UNKNOWN, type Value, type ValueObject } from '../protocol/values';
import type { Behaviour, Configuration, PlanContext, Refusal } from '../provider/behaviour';
import { AwsObject } from './compute';
import { answer } from './data/sources';
import { IDENTITIES } from './identities';
import { AWS_KNOWLEDGE } from './knowledge';
import { isGlobal, locationOf } from './location';
import { RULES } from './rules';
import { changes } from './rules/rules';

const text = (value: Value | undefined): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** The stand-in for `hashicorp/aws`. */
export const AWS: Behaviour = {
  knowledge: AWS_KNOWLEDGE,

  configure(values, environment) {
    const region = text(values['region']) ?? environment['AWS_REGION'] ?? environment['AWS_DEFAULT_REGION'];
    if (region === undefined) return { summary: 'Missing region', detail: 'The provider has no region: set its argument region, or AWS_REGION.', path: 'region' };
    const [account] = Array.isArray(values['allowed_account_ids']) ? (values['allowed_account_ids'] as readonly Value[]) : [];
    return { region, ...(typeof account === 'string' && account !== '' ? { account } : {}), values };
  },

  regionOf: (type, object, { region }) => (isGlobal(type) ? 'global' : text(object['region']) ?? region),

  validate(type, config) {
    const refusal = RULES[type]?.validate?.(config);
    return refusal === undefined ? [] : [refusal];
  },

  plan(change) {
    const { type, configuration, schema, prior, planned } = change;
    if (schema.attributes['tags_all'] !== undefined) planned['tags_all'] = mergedTags(defaultTags(configuration), planned['tags'] ?? null);
    if (schema.attributes['region']?.computed === true && typeof planned['region'] !== 'string') planned['region'] = configuration.region;
    if (prior === undefined) return [];
    recompute({ ...change, prior });
    const more = RULES[type]?.plan?.({ ...change, prior }) ?? [];
    // Every object with a region is made anew in another one.
    return isRefused(more) ? more : [...more, ...(typeof prior['region'] === 'string' && changes({ prior, planned }, 'region') ? ['region'] : [])];
  },

  make: (context, path, type) => new AwsObject(context, locationOf(context.region, context.configuration)).value(path, type),
  keyOf: (context) => new AwsObject({ ...context, planned: context.object, prior: undefined }, locationOf(context.region, context.configuration)).key ?? context.seed.slice(0, 24),

  inventsKey(type, planned) {
    const identity = IDENTITIES[type];
    if (identity === undefined) return text(planned['id']) === undefined && text(planned['name']) === undefined;
    return identity.invented === true && (identity.importAs === undefined || /\{(id|arn)\}/.test(identity.importAs));
  },

  beforeCreate: (at) => first(RULES[at.type]?.create, at),

  taken({ type, region, object, key }) {
    const words = RULES[type]?.taken?.(key, object) ?? `creating ${type} (${key}): already exists`;
    return { summary: words, detail: `${region === 'global' ? 'The account' : region} has one of this name already (${type}).` };
  },

  delete(at) {
    const refusal = first(RULES[at.type]?.delete, at);
    if (refusal === undefined) RULES[at.type]?.removes?.(at);
    return refusal;
  },

  read: answer,
};

const isRefused = (value: readonly string[] | Refusal): value is Refusal => !Array.isArray(value);

function first<T>(checks: readonly ((at: T) => Refusal | undefined)[] = [], at: T): Refusal | undefined {
  for (const check of checks) {
    const refusal = check(at);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/** What a change gives a new value is unknown until then. */
function recompute({ type, prior, planned, config }: PlanContext & { readonly prior: ValueObject }): void {
  for (const [attribute, arguments_] of Object.entries(RULES[type]?.recomputed ?? {})) {
    const isOwn = (config[attribute] ?? null) === null && attribute in planned;
    if (isOwn && arguments_.some((name) => changes({ prior, planned }, name))) planned[attribute] = UNKNOWN;
  }
}

function defaultTags({ values }: Configuration): ValueObject {
  const [block] = Array.isArray(values['default_tags']) ? (values['default_tags'] as readonly Value[]) : [];
  const tags = isObject(block) ? block['tags'] : undefined;
  return isObject(tags) ? tags : {};
}

/** Default tags, and over them the object's own. Unknown when the object's are. */
function mergedTags(defaults: ValueObject, own: Value): Value {
  if (own !== null && !isObject(own)) return own;
  return { ...defaults, ...own };
}

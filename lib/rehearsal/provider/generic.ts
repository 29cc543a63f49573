import { createHash } from 'node:crypto';
import type { Behaviour } from './behaviour';
import { emptyOf } from './fill';

/** Objects of a provider of which nothing is known beyond its bindings. */
export const GENERIC: Behaviour = {
  knowledge: {},
  configure: (values) => ({ region: 'global', values }),
  regionOf: () => 'global',
  validate: () => [],
  plan: () => [],
  make: ({ type: resource, seed }, path, type) => emptyOf(type, `${resource.split('_').slice(1).join('-')}-${createHash('sha256').update(seed + path).digest('hex').slice(0, 12)}`),
  keyOf: ({ object, seed }) => (typeof object['id'] === 'string' ? object['id'] : seed.slice(0, 24)),
  inventsKey: (_type, { id }) => typeof id !== 'string',
  beforeCreate: () => undefined,
  taken: ({ type, key }) => ({ summary: `creating ${type} (${key}): already exists`, detail: `There is one of this name already (${type}).` }),
  delete: () => undefined,
  read: () => undefined,
};

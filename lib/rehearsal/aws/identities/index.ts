import { DATABASE } from './database';
import type { Identities } from './identity';
import { NETWORK } from './network';
import { OPERATIONS } from './operations';
import { SECURITY } from './security';

/** By type. Ids and the ids for imports: the provider's source and the import section of each resource in its documentation. */
export const IDENTITIES: Identities = { ...NETWORK, ...DATABASE, ...SECURITY, ...OPERATIONS };

import { DATABASE } from './database';
import { NETWORK } from './network';
import { OPERATIONS } from './operations';
import type { Rules } from './rules';
import { SECURITY } from './security';

/** What the provider checks while planning, and the service at apply, by type. */
export const RULES: Readonly<Record<string, Rules>> = { ...NETWORK, ...DATABASE, ...SECURITY, ...OPERATIONS };

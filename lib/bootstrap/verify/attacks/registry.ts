import type { Attack } from '../attack';
import { catalogAttacks } from './catalog';
import { contextAttacks } from './context';
import { definitionAttacks, ownerAttacks } from './definition';
import { definerAttacks, viewAttacks } from './declared';
import { keyAttacks, keyCatalogAttacks } from './keys';
import { neighbourAttacks } from './neighbour';
import { readAttacks } from './read';
import { roleAttacks } from './role';
import { serverAttacks } from './server';
import { sharedAttacks } from './shared';
import { supportAttacks } from './support';
import { writeAttacks } from './write';

/** Tried on each table, as each role. */
export const TABLE_ATTACKS: readonly Attack<'table'>[] = [...readAttacks, ...writeAttacks, ...keyAttacks, ...definitionAttacks];
/** Tried by each role in each place. */
export const ROLE_ATTACKS: readonly Attack<'role'>[] = [...neighbourAttacks, ...roleAttacks, ...contextAttacks, ...supportAttacks, ...viewAttacks, ...sharedAttacks];
/** Tried once in each place. */
export const PLACE_ATTACKS: readonly Attack<'place'>[] = [...ownerAttacks, ...keyCatalogAttacks, ...catalogAttacks, ...definerAttacks];
/** Tried once. */
export const SERVER_ATTACKS: readonly Attack<'server'>[] = serverAttacks;

/** Every attack, for people to look up. */
export const ATTACKS = [...TABLE_ATTACKS, ...ROLE_ATTACKS, ...PLACE_ATTACKS, ...SERVER_ATTACKS].map(({ id, title, why, level, expected }) => ({ id, title, why, level, expected }));

import { explainSharedAccess, sharedAccess as accessOutOfReach, type SharedAccess } from '../../declaration/shared-access';
import type { Difference } from '../plan/difference';
import { finding, kind, NO_WANTS } from './kind';

/** Rights that are declared and that some tenants cannot use. It follows from the declaration and the registry: the catalog is not asked. */
export const sharedAccess = kind<'database', SharedAccess, true>({
  name: 'shared access',
  level: 'database',
  compares: [],
  query: { text: () => undefined, values: () => [] },
  read: () => ({ container: '', key: '', have: true }),
  wants(database) {
    const home = database.isHome ? database.places.find(({ kind: of }) => of === 'row') : undefined;
    if (home === undefined) return NO_WANTS;
    const found = accessOutOfReach(home.tables, home.roles.map(({ name, declaration }) => [name, declaration] as const), database.tenants.map(({ key, isolation }) => [key, isolation] as const));
    return new Map(found.map((access) => [`${access.role} ${access.table}`, access]));
  },
  compare: (database, _key, want): Difference[] =>
    (want === undefined ? [] : [finding({ kind: 'shared access', code: 'role/shared-table', target: database.name, summary: explainSharedAccess(want).problem })]),
});

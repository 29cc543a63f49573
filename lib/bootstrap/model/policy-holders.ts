import type { ShapeTable } from './shape';

/** The column on which every role that a shared policy names has a privilege. */
const HELD = 'held';

/**
 * Whoever acts as a role may run DROP OWNED BY that role, and PostgreSQL then takes the role out of every policy, whoever the table belongs to; a policy of that one role
 * goes as a whole, the floor too. Nobody would see a row of another tenant, but no tenant of the shared tables one of its own. DROP OWNED fails as a whole where it finds a
 * privilege on a table on which the caller has none as a whole, and that is what a privilege on a column alone is: REFERENCES, which reads and writes nothing.
 */
export const POLICY_HOLDERS_TABLE: ShapeTable = {
  name: 'policy_holders', tenancy: 'shared', comment: 'Empty. Roles that policies name may reference its column and do nothing with the table, so that DROP OWNED BY them fails and leaves the policies',
  columns: [{ name: HELD, type: 'boolean', notNull: true }],
  keys: [{ name: 'policy_holders_pkey', primary: true, columns: [HELD] }], checks: [], foreignKeys: [], indexes: [], rows: [],
};

/** What the roles may do there, as privileges of columns. */
export const holding = (roles: readonly string[]): readonly (readonly [string, ReadonlyMap<string, string>])[] => (roles.length === 0 ? [] : [[HELD, new Map(roles.map((role) => [role, 'x']))]]);

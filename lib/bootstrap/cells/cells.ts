import { TenantryError } from '../../core/errors';
import { listOf } from '../../core/text';
import type { Cell } from '../../manifest/cells';
import type { PasswordStore } from '../connect/password-store';
import type { ServerAccess } from '../connect/server-access';

/** A server that is reached, with what is installed on it. */
export interface ReachedCell extends Cell {
  readonly access: ServerAccess;
  /** Where the passwords of its logins are kept. @default - nobody said where */
  readonly passwords?: PasswordStore;
}

/** What became of one server. */
export type CellOutcome<T> = Pick<Cell, 'server' | 'tenant'> & ({ readonly result: T } | { readonly error: unknown });

/**
 * Does the same on one server after another, in the order of `cellsOf`: the home's comes first, because its registry says which tenants have a server of their own.
 * One that fails keeps no other from its turn.
 *
 * @throws TenantryError (`refused`) before anything is done, where two of them are one server
 */
export async function forEachCell<T>(cells: readonly ReachedCell[], work: (cell: ReachedCell) => Promise<T>): Promise<CellOutcome<T>[]> {
  refuseOneServerTwice(cells);
  const outcomes: CellOutcome<T>[] = [];
  for (const cell of cells) {
    const { server, tenant } = cell;
    const named = { server, ...(tenant === undefined ? {} : { tenant }) };
    outcomes.push(await work(cell).then((result) => ({ ...named, result }), (error: unknown) => ({ ...named, error })));
  }
  return outcomes;
}

/** Names of roles and databases come from the declaration's: two installations of it on one server would be one, and share their rows. */
export function refuseOneServerTwice(cells: readonly Pick<ReachedCell, 'server' | 'access'>[]): void {
  const byAddress = new Map<string, string[]>();
  for (const { server, access: { host, port } } of cells) byAddress.set(`${host}:${port}`, [...byAddress.get(`${host}:${port}`) ?? [], server]);
  const complaints = [...byAddress].filter(([, names]) => names.length > 1).map(([address, names]) => ({
    code: 'cells/one-server-twice', at: names.join(', '), problem: `${listOf(names)} are reached at the same address, ${address}. A tenant with a cluster of its own shares it with nobody. Nothing was done.`,
    fix: `Give each its own: ${names.map((name) => `--database-url ${name}=postgresql://…`).join(' ')}`,
  }));
  if (complaints.length > 0) throw new TenantryError('refused', complaints);
}

import type { Client } from 'pg';
import { TenantryError } from '../../core/errors';
import { listOf } from '../../core/text';
import { LIBRARY_SCHEMA } from '../../declaration/names';
import { clusterTenants } from '../../manifest/cells';
import type { LoadedManifest } from '../../manifest/read';

interface Row {
  readonly key: string;
  readonly id: string;
  readonly isolation: string;
}

/** So many names tell whose registry it is. */
const MOST_NAMED = 3;

/**
 * Addresses can be mixed up, and a server can come from the backup of another one: what its registry says of tenants tells whose it is. On the wrong one a tenant would get
 * places among the rows of others, or come upon those of an earlier tenant with its key.
 *
 * @param home - the home database of the server, with its registry
 * @throws TenantryError (`refused`)
 */
export async function refuseOtherServer(home: Client, loaded: LoadedManifest): Promise<void> {
  const { manifest, cell } = loaded;
  if (cell !== undefined) return refuseUnlessOf(home, loaded, cell);
  const own = clusterTenants(manifest);
  if (own.length === 0) return;
  const { rows: [first, second] } = await home.query<Row>(`select key, isolation from ${LIBRARY_SCHEMA}.tenants limit 2`);
  if (first === undefined || second !== undefined || first.isolation !== 'database' || !own.includes(first.key)) return;
  throw new TenantryError('refused', {
    code: 'cells/other-server', at: manifest.home, problem: `The registry on this server knows ${JSON.stringify(first.key)} alone, with a database of its own: it is the server that this tenant has for itself, and not that of the others. Nothing was changed.`,
    fix: `Check the addresses: --database-url ${manifest.home}=URL --database-url ${first.key}=URL. Where the tenant was the only one here until now, set tenants.${first.key}.isolation to 'database'.`,
  });
}

async function refuseUnlessOf(home: Client, { tenantId }: LoadedManifest, cell: string): Promise<void> {
  const { rows } = await home.query<Row>(`select key, id, isolation from ${LIBRARY_SCHEMA}.tenants order by key <> $1, key limit ${MOST_NAMED + 1}`, [cell]);
  const others = rows.filter(({ key }) => key !== cell);
  const [own] = rows.filter(({ key }) => key === cell);
  if (others.length > 0 || own?.isolation === 'cluster') {
    throw new TenantryError('refused', {
      code: 'cells/other-server', at: cell, problem: others.length > 0
        ? `The registry on this server knows ${listOf(others.slice(0, MOST_NAMED).map(({ key }) => JSON.stringify(key)))}${others.length > MOST_NAMED ? ' and more' : ''}, and ${JSON.stringify(cell)} has its server for itself. Nothing was changed.`
        : `The registry on this server has tenant ${JSON.stringify(cell)} on another one: it is the server of the others. Nothing was changed.`,
      fix: `Check the address: --database-url ${cell}=URL. Where the server was made from a backup of another one, make it anew, empty.`,
    });
  }
  if (own === undefined || tenantId === undefined || own.id === tenantId) return;
  throw new TenantryError('refused', {
    code: 'cells/other-tenant', at: cell, problem: `The registry on this server has tenant ${JSON.stringify(cell)} under the id ${own.id}, and the home registry under ${tenantId}: what is here is that of another tenant, which had the key before. Nothing was changed.`,
    fix: 'Make the server anew, empty. Where it is the same tenant, and its row at home was lost, put that back with the id that is here.',
  });
}

import { homeDatabase, LIBRARY_SCHEMA, ownerRole } from '../../declaration/names';
import type { LoadedManifest } from '../../manifest/read';
import { libraryTablesIn } from '../catalog/library';
import { refuseOtherServer } from '../cells/own-server';
import { connect, type ServerAccess } from '../connect/server-access';
import { neverApplied } from '../tenants/list';
import { declaredRole } from './grant';

/** Access of one person, as the home registry has it. */
export interface ListedAccess {
  readonly id: string;
  readonly member: string;
  readonly role: string;
  readonly state: 'open' | 'ended' | 'revoked';
  readonly from: Date;
  readonly until: Date;
  readonly reason: string;
  readonly grantedBy: string;
  /** Null where nobody revoked it. */
  readonly revokedAt: Date | null;
  readonly revokedBy: string | null;
  /** Whether it stands in code; else it was granted at run time. */
  readonly declared: boolean;
}

/**
 * Who has, and had, access to tenants' rows, the newest first. Waits for no lock and changes nothing.
 *
 * @param all - also what has ended
 * @throws TenantryError (`refused`) where the declaration was never applied
 */
export async function listAccess({ access, loaded }: { readonly access: ServerAccess; readonly loaded: LoadedManifest }, all: boolean): Promise<ListedAccess[]> {
  const { declaration } = loaded.manifest;
  const maintenance = await connect(access, 'postgres');
  try {
    const { rows } = await maintenance.query('select 1 from pg_catalog.pg_database where datname = $1 and pg_catalog.pg_get_userbyid(datdba) = $2', [homeDatabase(declaration.name), ownerRole(declaration.name)]);
    if (rows.length === 0) throw neverApplied(declaration.name);
  } finally {
    await maintenance.end().catch(() => undefined);
  }
  const home = await connect(access, homeDatabase(declaration.name));
  try {
    if (!(await libraryTablesIn(home)).includes('access_grants')) return [];
    await refuseOtherServer(home, loaded);
    const { rows } = await home.query<ListedAccess>(`
      select id, member, role, case when revoked_at is not null then 'revoked' when valid_until > now() then 'open' else 'ended' end as state, valid_from as "from", valid_until as until,
             reason, granted_by as "grantedBy", revoked_at as "revokedAt", revoked_by as "revokedBy", declared
        from ${LIBRARY_SCHEMA}.access_grants where $1 or (revoked_at is null and valid_until > now()) order by valid_from desc, id`, [all]);
    return rows.map((row) => ({ ...row, role: declaredRole(declaration, row.role) }));
  } finally {
    await home.end().catch(() => undefined);
  }
}

import { CONTEXT_SETTING } from '../bootstrap/model/tenant-context';
import { ident, identList, literal } from '../bootstrap/sql/quote';
import { freshSession } from './fresh-session';

/** A message to the server: statements, or one whose values go as parameters. Other sessions of the login see its text, and never those. */
export type Message = string | { readonly text: string; readonly values: readonly string[] };

export interface Entering {
  readonly application: string;
  readonly tenant: string;
  /** Of the tenant's place. */
  readonly version: number;
  readonly begin: string;
  readonly role: string;
  readonly path: readonly string[];
  /** @default - the context is not signed */
  readonly signed?: string;
  /** Whether the database was made by a version whose `tenantry.enter` takes no context. */
  readonly isOlder: boolean;
}

/** What begins a transaction of a tenant. The messages are sent at once; where the server refuses one, the transaction has failed, and runs nothing of those behind it. */
export function messagesOf({ application, tenant, version, begin, role, path, signed, isOlder }: Entering): readonly Message[] {
  const asRole = `set local role ${ident(role)}`;
  const searchPath = `set local search_path to ${identList(path)}, pg_temp`;
  if (isOlder) {
    const enter = [freshSession(application), begin, `call tenantry.enter(${literal(tenant)}, ${version})`, asRole, searchPath].join(';');
    return signed === undefined ? [enter] : [enter, { text: `select set_config('${CONTEXT_SETTING}', $1, true)`, values: [signed] }];
  }
  const fresh = freshSession(application, false);
  if (signed === undefined) return [[fresh, begin, `call tenantry.enter(${literal(tenant)}, ${version}, null)`, asRole, searchPath].join(';')];
  return [[fresh, begin, searchPath].join(';'), { text: 'call tenantry.enter($1, $2, $3)', values: [tenant, String(version), signed] }, asRole];
}

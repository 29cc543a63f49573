import type { Client } from 'pg';
import type { ServerPlan } from '../model/server';

export interface RoleFacts {
  readonly name: string;
  readonly login: boolean;
  readonly superuser: boolean;
  readonly createRole: boolean;
  readonly createDb: boolean;
  readonly replication: boolean;
  readonly bypassRls: boolean;
}

export interface ServerFacts {
  readonly plan: ServerPlan;
  readonly maintainer: string;
  readonly roles: ReadonlyMap<string, RoleFacts>;
  /** What each role is a direct member of. */
  readonly memberOf: ReadonlyMap<string, readonly string[]>;
}

/** Roles that programs act as: all of ours but the owner and the maintainer. */
export const applicationRoles = ({ plan, maintainer }: ServerFacts): string[] => [...plan.roles.keys()].filter((role) => role !== plan.owner && role !== maintainer);

export async function readServerFacts(client: Client, plan: ServerPlan, maintainer: string): Promise<ServerFacts> {
  const { rows: roles } = await client.query<RoleFacts>(
    `select rolname as name, rolcanlogin as login, rolsuper as superuser, rolcreaterole as "createRole", rolcreatedb as "createDb", rolreplication as replication, rolbypassrls as "bypassRls" from pg_roles`);
  const { rows: edges } = await client.query<{ member: string; role: string }>(
    'select distinct pg_get_userbyid(member)::text as member, pg_get_userbyid(roleid)::text as role from pg_auth_members order by 1, 2');
  const memberOf = new Map<string, string[]>();
  for (const { member, role } of edges) {
    const of = memberOf.get(member);
    if (of === undefined) memberOf.set(member, [role]);
    else of.push(role);
  }
  return { plan, maintainer, roles: new Map(roles.map((role) => [role.name, role])), memberOf };
}

/** Every role that a role is a member of, at any distance, with itself. */
export function reachable(from: string, memberOf: ReadonlyMap<string, readonly string[]>): Set<string> {
  const seen = new Set([from]);
  for (const role of seen) for (const next of memberOf.get(role) ?? []) seen.add(next);
  return seen;
}

/** What leads around row-level security, by its attributes. */
export function powersOf(role: RoleFacts | undefined): string[] {
  if (role === undefined) return [];
  return [
    ...(role.superuser ? ['SUPERUSER'] : []), ...(role.bypassRls ? ['BYPASSRLS'] : []), ...(role.replication ? ['REPLICATION'] : []), ...(role.createRole ? ['CREATEROLE'] : []),
    ...(role.createDb ? ['CREATEDB'] : []),
  ];
}

import { count, listOf } from '../../core/text';
import { type ExistingDatabase, tablesOf } from './existing';
import type { Findings } from './finding';

/** Who owns, may read and may run what is there. */
export function reportAccess(existing: ExistingDatabase, findings: Findings, owner: string): void {
  reportOwners(existing, findings, owner);
  reportGrants(existing, findings);
  for (const { name, superuser, bypassRls, replication, canLogin } of existing.roles) {
    const powers = [superuser ? 'SUPERUSER' : '', bypassRls ? 'BYPASSRLS' : '', replication ? 'REPLICATION' : ''].filter(Boolean);
    findings.add(canLogin && !superuser ? 'blocker' : 'note', 'role-powers', `role ${name}`, listOf(powers), 'row-level security holds for everybody but administrators', superuser ? 'Let no program use it.' : `Where a program uses it: alter role "${name}" ${[bypassRls ? 'nobypassrls' : '', replication ? 'noreplication' : ''].filter(Boolean).join(' ')}`);
  }
  for (const { name, owner: of, publicMayCreate } of existing.schemas) {
    if (publicMayCreate) findings.add('blocker', 'public-create', `schema ${name}`, 'PUBLIC may create objects in it', 'nobody but the owner creates objects', `revoke create on schema "${name}" from public`);
    if (name === 'public') findings.add('difference', 'public-schema', 'schema public', `it holds the tables; its owner is ${of}`, 'tables lie in a schema of the declaration, and PUBLIC has no rights there', 'The new schema is made beside it. Programs must name it, or set search_path.');
  }
}

function reportOwners({ relations, login }: ExistingDatabase, findings: Findings, owner: string): void {
  const byOwner = new Map<string, string[]>();
  for (const { key, owner: of } of relations) byOwner.set(of, [...byOwner.get(of) ?? [], key]);
  const several = byOwner.size > 1;
  for (const [of, keys] of byOwner) {
    findings.add(several ? 'decision' : 'difference', 'owner', `role ${of}`, `owns ${count(keys.length, 'object')}: ${short(keys)}`, `one owner, ${owner}, which nobody logs in as`,
      of === login ? 'Beside: nothing. In place: alter table … owner to, in the plan.' : `The login ${login} must be a member of it to read or to change them: grant "${of}" to "${login}"`);
  }
}

function reportGrants(existing: ExistingDatabase, findings: Findings): void {
  const groups = new Map<string, { what: string; grantee: string; privileges: string; objects: string[] }>();
  for (const { object, what, grantee, privileges } of existing.grants) {
    const text = privileges.join(', ');
    const key = JSON.stringify([what, grantee, text]);
    const group = groups.get(key) ?? { what, grantee, privileges: text, objects: [] };
    group.objects.push(object);
    groups.set(key, group);
  }
  for (const { what, grantee, privileges, objects } of groups.values()) {
    const toPublic = grantee === 'PUBLIC';
    const code = what === 'sequence' && /SELECT/.test(privileges) ? 'sequence-select' : toPublic ? 'grant-public' : 'grant';
    const rows = what === 'table' || what === 'column' || what === 'view' || what === 'materialized view';
    findings.add(toPublic && rows ? 'blocker' : 'difference', code, `${grantee} on ${what === 'database' || what === 'schema' ? `${what} ${objects[0] ?? ''}` : count(objects.length, what)}`, `${privileges} on ${short(objects)}`,
      'only declared roles have privileges; all others are revoked', toPublic ? 'Declare what programs need as roles.' : `Declare a role with the same access, or list ${grantee} in externalGrants.`);
  }
}

/** The isolation of the rows as it is now, and what goes around it. */
export function reportIsolation(existing: ExistingDatabase, findings: Findings): void {
  const tables = tablesOf(existing);
  const open = tables.filter(({ rowSecurity, forced }) => !rowSecurity || !forced);
  if (open.length > 0) {
    const off = open.filter(({ rowSecurity }) => !rowSecurity).length;
    findings.add('difference', 'row-security', count(open.length, 'table'), `${count(off, 'table')} without row-level security, ${count(open.length - off, 'table')} where it does not hold for the owner`, 'row-level security is enabled and forced on every table of tenants', 'Nothing: the bootstrap does it in the new place.');
  }
  for (const { table, name, what } of existing.attached) {
    const object = `${table}.${name}`;
    if (what === 'policy') findings.add('difference', 'policy', object, 'a policy', 'the floor keeps tenants apart; rules of the business are declared', 'The draft leaves it out: if it says more than whose row it is, add it to policies of the table.');
    if (what === 'trigger') findings.add('difference', 'trigger', object, 'a trigger', 'triggers are declared', 'The draft leaves it out: add it to triggers of the table. The copy does not fire it.');
    if (what === 'rule') findings.add('difference', 'rule', object, 'a rule', 'a declaration has none', 'The draft leaves it out: write a trigger.');
  }
  for (const { key, kind, options, owner } of existing.relations) {
    if (kind === 'v') {
      const invoker = options.some((option) => /^security_invoker=(true|on|1|yes)$/i.test(option));
      findings.add(invoker ? 'difference' : 'blocker', 'view', key, invoker ? 'a view' : `a view that reads with the rights of ${owner}`, 'views are declared, and read with the rights of whoever asks', 'The draft leaves it out: add its query to views.');
    }
    if (kind === 'm') findings.add('blocker', 'materialized-view', key, 'a materialized view: no policy holds for it', 'tables, or views that read with the rights of whoever asks', 'The draft leaves it out: make it a view, or a table of tenants that a job fills.');
    if (kind === 'f') findings.add('blocker', 'foreign-table', key, 'a foreign table: no policy of this server holds for it', 'tables of this server', 'The draft leaves it out: take its rows over, or keep it where only administrators read it.');
  }
  for (const { name, definer, leakproof, publicMayExecute, kind, language } of existing.functions) {
    const what = kind === 'p' ? 'a procedure' : kind === 'a' ? 'an aggregate' : `a function in ${language}`;
    if (definer) findings.add('blocker', 'definer-function', name, `${what} that runs with its owner's rights${publicMayExecute ? ', and PUBLIC may call it' : ''}`, 'functions run with the rights of whoever calls them, or are declared with a reason', 'The draft leaves it out: declare it without SECURITY DEFINER.');
    else findings.add('difference', 'function', name, `${what}${publicMayExecute ? ' that PUBLIC may call' : ''}`, 'functions are declared, and only declared roles call them', 'The draft leaves it out: add it to functions.');
    if (leakproof) findings.add('blocker', 'leakproof-function', name, 'a LEAKPROOF function of yours: the server may evaluate it before the policies', 'none', `alter function ${name} not leakproof`);
  }
}

/** What lies around the tables. */
export function reportSurroundings(existing: ExistingDatabase, findings: Findings): void {
  const ways: Record<string, readonly ['blocker' | 'decision' | 'difference' | 'note', string, string]> = {
    'extension': ['difference', 'extensions are declared, and lie in a schema of their own', 'Add it to extensions where programs use it.'],
    'default privilege': ['difference', 'objects of the declaration get their privileges from it', 'Nothing: those of other owners do not count for them.'],
    'publication': ['blocker', 'publications are declared: no policy holds for what they send', 'Declare it, and keep the old one until its subscribers have moved.'],
    'subscription': ['blocker', 'tables of tenants are not filled by replication: it asks no policy', 'End it before the rows are taken over.'],
    'event trigger': ['difference', 'none: only a superuser makes them', 'See whether it disturbs the statements of an apply.'],
    'foreign server': ['difference', 'only administrators use them', 'revoke usage on foreign server from roles of programs.'],
    'large object': ['blocker', 'values of type bytea: large objects know no policy', 'Move them into a column, or into a store of files.'],
    'setting': ['difference', 'settings are declared with roles', 'Add it to settings of a role where it is one of those.'],
  };
  for (const { what, name, detail } of existing.others) {
    const [severity, needed, way] = ways[what] ?? ['note', '', ''];
    findings.add(severity, what.replace(' ', '-'), `${what} ${name}`, what === 'large object' ? `${detail} of role ${name}` : detail, needed, way);
  }
  for (const { key, kind, persistence, parent } of existing.relations) {
    if (parent !== null && (kind === 'r' || kind === 'p' || kind === 'f')) findings.add('difference', 'partition', key, `a partition or child of ${parent}`, 'no table below another', `Its rows come with those of ${parent}; columns and keys of its own are lost.`);
    if (persistence === 'u' && kind === 'r') findings.add('difference', 'unlogged', key, 'an UNLOGGED table', 'tables that survive a crash', 'Nothing: the new one is logged.');
  }
  const inTables = new Set(existing.columns.map(({ ownType }) => ownType));
  for (const { key, kind, extension } of existing.types) {
    if (extension === null && !inTables.has(key) && existing.schemas.some(({ name }) => key.startsWith(`${name}.`))) findings.add('note', 'type', key, kind === 'e' ? 'an enum that no column has' : kind === 'd' ? 'a domain that no column has' : 'a type of your own', 'domains are declared', 'The draft leaves it out.');
  }
}

const short = (names: readonly string[]): string => (names.length <= 5 ? names.join(', ') : `${names.slice(0, 4).join(', ')} and ${count(names.length - 4, 'other')}`);

import type { DatabasePlan } from '../model/place';
import type { WantedExtension } from '../model/extension';
import { markerOf } from '../model/server';
import type { Difference } from '../plan/difference';
import { ident, literal } from '../sql/quote';
import { compareAcl } from './compare-acl';
import { change, finding, kind, NO_WANTS, onceFor, refusal } from './kind';

type Want = { readonly type: 'schema'; readonly schema: string } | { readonly type: 'extension'; readonly extension: WantedExtension };

interface LiveSchema {
  readonly owner: string;
  readonly acl: string | null;
}

interface LiveExtension {
  readonly version: string;
  readonly owner: string;
  readonly schema: string;
  /** Versions that it can be updated to. */
  readonly updates: readonly string[];
}

const schemaKey = (schema: string): string => `schema ${schema}`;
const extensionKey = (name: string): string => `extension ${name}`;

/** Extensions and the schemas that hold nothing else. What is not declared is left alone; nothing is ever dropped. */
export const extension = kind<'database', Want, LiveSchema | LiveExtension>({
  name: 'extension',
  level: 'database',
  compares: ['presence', 'strangers', 'version', 'schema', 'schema presence', 'schema owner', 'schema privileges'],
  query: {
    text: ({ plan }) => (wantedIn(plan).length === 0 ? undefined : `
      select current_database() as database, 'schema ' || nspname as key, json_build_object('owner', pg_get_userbyid(nspowner), 'acl', nspacl::text) as have from pg_catalog.pg_namespace where nspname = any($1)
      union all
      select current_database(), 'extension ' || e.extname, json_build_object('version', e.extversion, 'owner', pg_get_userbyid(e.extowner), 'schema', n.nspname,
             'updates', case when exists (select from pg_catalog.pg_available_extensions a where a.name = e.extname)
                             then (select coalesce(json_agg(p.target), '[]') from pg_extension_update_paths(e.extname) p where p.source = e.extversion and p.path is not null) else '[]' end)
        from pg_catalog.pg_extension e join pg_catalog.pg_namespace n on n.oid = e.extnamespace where e.extname <> 'plpgsql'`),
    values: ({ plan }) => [schemasOf(plan)],
  },
  read: ({ database, key, have }) => ({ container: database, key, have: have as LiveSchema | LiveExtension }),
  wants: (database) => wantsOf(database),
  compare(database, key, want, have): Difference[] {
    if (want === undefined) {
      return have === undefined || !key.startsWith(extensionKey('')) ? []
        : [finding({ kind: 'extension', target: database.name, code: 'extension/undeclared', summary: `${key} is not declared` })];
    }
    return want.type === 'schema' ? compareSchema(database, want.schema, have as LiveSchema | undefined) : compareExtension(database, want.extension, have as LiveExtension | undefined);
  },
});

const wantedIn = ({ extensions = [], isHome }: DatabasePlan): WantedExtension[] => extensions.filter(({ homeOnly }) => isHome || !homeOnly);
const schemasOf = (database: DatabasePlan): string[] => [...new Set(wantedIn(database).filter(({ ownSchema, obstacle }) => ownSchema && obstacle === undefined).map(({ schema }) => schema))];

const wantsOf = onceFor((database: DatabasePlan): ReadonlyMap<string, Want> => (wantedIn(database).length === 0 ? NO_WANTS : new Map<string, Want>([
  ...schemasOf(database).map((schema) => [schemaKey(schema), { type: 'schema', schema }] as const),
  ...wantedIn(database).map((wanted) => [extensionKey(wanted.name), { type: 'extension', extension: wanted }] as const),
])));

function compareSchema(database: DatabasePlan, schema: string, have: LiveSchema | undefined): Difference[] {
  const place = database.places[0];
  if (place === undefined) return [];
  const where = { kind: 'extension', target: database.name };
  const open = `grant usage on schema ${ident(schema)} to public`;
  if (have === undefined) {
    return [change({
      ...where, action: 'create', summary: `create the schema ${schema} for extensions`, reason: 'declared, not there',
      sql: [`create schema ${ident(schema)}`, `comment on schema ${ident(schema)} is ${literal(markerOf(place.identity))}`, open],
    })];
  }
  if (have.owner !== place.owner) {
    return [refusal({
      ...where, code: 'extension/schema', blocking: true, summary: `schema ${schema} exists and is not ours: it belongs to ${have.owner}, who can put functions into it that stand in for those of extensions`,
      fix: `As ${have.owner} or a superuser: alter schema ${ident(schema)} owner to ${ident(place.owner)}; or give the extensions a schema of another name.`,
    })];
  }
  // Whoever may connect may use extensions: a list of roles would grow with the tenants.
  const isOpen = /[{,]=U[*]?\//.test(have.acl ?? '');
  return [
    ...compareAcl({ ...where, object: `schema ${ident(schema)}`, label: `the schema ${schema}`, owner: place.owner, externalGrants: place.externalGrants }, isOpen ? new Map([['', 'U']]) : new Map(), have.acl),
    ...(isOpen ? [] : [change({ ...where, action: 'grant', summary: `PUBLIC may USAGE on the schema ${schema}`, reason: 'roles use extensions by it', sql: open })]),
  ];
}

function compareExtension(database: DatabasePlan, want: WantedExtension, have: LiveExtension | undefined): Difference[] {
  const { name, schema, version, obstacle, optional } = want;
  const where = { kind: 'extension', target: database.name };
  const of = `extension ${name}`;
  const inDatabase = `In database ${database.name}, as a superuser`;
  if (obstacle !== undefined) {
    // One word for the whole server.
    if (!database.isHome) return [];
    return optional
      ? [finding({ ...where, target: 'server', code: 'extension/missing', summary: `${of} is optional and missing: ${obstacle.problem}. What uses it must do without` })]
      : [refusal({ ...where, target: 'server', code: 'extension/missing', blocking: true, summary: `${of} is declared, and ${obstacle.problem}`, fix: `${obstacle.fix} Where the declaration can do without: extensions.${name}.optional: true.` })];
  }
  const lack = want.lack === undefined || !database.isHome ? [] : [finding({ ...where, target: 'server', code: 'extension/worker', summary: `${of}: ${want.lack}` })];
  if (have === undefined) return [...lack, ...install(want, where, inDatabase)];
  const differences: Difference[] = [...lack];
  if (have.schema !== schema) {
    differences.push(refusal({
      ...where, code: 'extension/schema', summary: `${of} lies in schema ${have.schema}, and ${schema} is declared; moving it changes the names by which programs call it, and only a superuser may`,
      fix: `${inDatabase}: alter extension ${ident(name)} set schema ${ident(schema)}; or declare extensions.${name}.schema: '${have.schema}'.`,
    }));
  }
  const newer = want.defaultVersion !== null && want.defaultVersion !== have.version && have.updates.includes(want.defaultVersion);
  if (version !== undefined && version !== have.version) differences.push(update(database, want, have, where, inDatabase));
  else if (newer) differences.push(finding({ ...where, code: 'extension/outdated', summary: `${of} is version ${have.version}${version === undefined ? '' : ', as declared'}; the server has ${want.defaultVersion}` }));
  return differences;
}

function install(want: WantedExtension, where: { kind: string; target: string }, inDatabase: string): Difference[] {
  const { name, schema, version, optional, by, ownSchema } = want;
  const sql = `create extension ${ident(name)}${ownSchema ? ` with schema ${ident(schema)}` : ''}${version === undefined ? '' : ` version ${literal(version)}`}`;
  if (by !== 'superuser') return [change({ ...where, action: 'create', actor: by, summary: `create extension ${name}${version === undefined ? '' : ` ${version}`}`, reason: 'declared, not there', sql })];
  const summary = `extension ${name} is not trusted: only a superuser may install it`;
  return [optional
    ? finding({ ...where, code: 'extension/missing', summary: `extension ${name} is optional and missing: it is not trusted, and only a superuser may install it. What uses it must do without` })
    : refusal({ ...where, code: 'extension/superuser', summary, fix: `${inDatabase}: ${sql}` })];
}

function update(database: DatabasePlan, { name, version = '', by }: WantedExtension, have: LiveExtension, where: { kind: string; target: string }, inDatabase: string): Difference {
  const sql = `alter extension ${ident(name)} update to ${literal(version)}`;
  const summary = `extension ${name} is version ${have.version}, and ${version} is declared`;
  if (!have.updates.includes(version)) {
    return refusal({ ...where, code: 'extension/version', summary: `${summary}; there is no way from one to the other`, fix: `Declare extensions.${name}.version: '${have.version}'${have.updates.length === 0 ? '' : `, or one that it can be updated to: ${have.updates.join(', ')}`}.` });
  }
  if (by === 'superuser' || have.owner !== (by === 'owner' ? database.places[0]?.owner : have.owner)) {
    return refusal({ ...where, code: 'extension/version', summary: `${summary}; it belongs to ${have.owner}`, fix: `${inDatabase} or as ${have.owner}: ${sql}` });
  }
  return change({ ...where, action: 'alter', actor: by, lock: 'AccessExclusive', summary: `update extension ${name} from ${have.version} to ${version}`, reason: 'another version is declared', sql });
}

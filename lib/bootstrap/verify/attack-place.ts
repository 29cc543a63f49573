import { randomUUID } from 'node:crypto';
import { policySettings } from '../../declaration/check-policies';
import type { Declaration } from '../../declaration/schema';
import { splitReference } from '../../declaration/relations';
import type { Isolation } from '../../declaration/types';
import { contextOf } from '../../declaration/tenant-context';
import { OPTIONS_SINCE } from '../kinds/membership';
import { accessOf, roleAccess } from '../model/access';
import type { DatabasePlan, Place, PlaceRole } from '../model/place';
import type { ShapeTable } from '../model/shape';
import { qualified } from '../sql/quote';
import type { Finding, Neighbour, PlaceTarget, RoleTarget, TableTarget } from './attack';
import { maskedFor } from './columns';
import { PLACE_ATTACKS, ROLE_ATTACKS, TABLE_ATTACKS } from './attacks/registry';
import { prepareEntering } from './entering';
import type { AttackResult } from './evidence';
import type { DatabaseFacts } from './facts';
import { insertRows, type ProbeRows, type RowsOptions } from './probe/rows';
import type { ServerFacts } from './server-facts';
import { type ProbeSession } from './session';

export interface PlaceOptions {
  readonly session: ProbeSession;
  readonly declaration: Declaration;
  readonly database: DatabasePlan;
  readonly place: Place;
  readonly facts: DatabaseFacts;
  readonly server: ServerFacts;
}

/** Other places of the database that are broken into; more would show nothing else. */
const NEIGHBOURS = 2;
/** Tables whose attacks are under way at a time. */
const AT_ONCE = 8;

/** Attacks one place: what is asked once, then everything each role can try. Each role has a transaction of its own, which is rolled back. */
export async function attackPlace(options: PlaceOptions): Promise<AttackResult[]> {
  const { place } = options;
  const results: AttackResult[] = [];
  const [first, ...others] = place.roles;
  for (const role of [first, ...others]) {
    const isFirst = role === first;
    results.push(...await inTransaction(options, role, async (target) => [
      ...(isFirst ? await attackOnce(options.session, target) : []), ...(role === undefined ? [] : await attackAs(options.session, { ...target, role })),
    ]));
  }
  return results;
}

async function inTransaction(options: PlaceOptions, role: PlaceRole | undefined, attackIt: (target: PlaceTarget) => Promise<AttackResult[]>): Promise<AttackResult[]> {
  const { session, place } = options;
  await session.begin(policySettings(options.declaration));
  try {
    const target = await prepare(options, role);
    await session.keep();
    return await attackIt(target);
  } catch (error) {
    const { code } = error as Error & { code?: string };
    if (code === undefined || !/^[0-9A-Z]{5}$/.test(code)) throw error;
    return [{
      attack: 'probe-row', mode: modeOf(place), place: nameOf(place), verdict: 'unknown', expected: ROWS, observed: code, control: 'none', reason: `Probe rows could not be made in this place: SQLSTATE ${code}.`, remedy: 'Apply first: tenantry bootstrap apply.',
    }];
  } finally {
    await session.end();
  }
}

const ROWS = 'a row for each of two tenants';
const modeOf = ({ kind }: Place): Isolation => (kind === 'library' ? 'row' : kind);
const nameOf = ({ database, schema }: Place): string => `${database}.${schema}`;

/** Makes rows of two tenants that never existed, in the place and in those next to it. */
async function prepare({ session, declaration, database, place, facts, server }: PlaceOptions, role: PlaceRole | undefined): Promise<PlaceTarget> {
  const [own, foreign, seed] = [randomUUID(), randomUUID(), randomUUID()];
  const prepared = await prepareEntering(session, { declaration, own, foreign, schema: place.schema, role, withOptions: server.plan.capabilities.versionNumber >= OPTIONS_SINCE });
  session.entering = prepared.entering;
  const make = (of: Place, reference?: ProbeRows): Promise<ProbeRows> => insertRows(session, { declaration, place: of, facts, own, foreign, seed: `${seed}.${of.schema}`, ...(reference === undefined ? {} : { reference }) } satisfies RowsOptions);
  const home = database.places.find(({ schema, kind }) => kind !== 'library' && schema === place.referenceSchema);
  const reference = home === undefined || home === place ? undefined : await make({ ...home, tables: home.tables.filter(({ tenancy }) => tenancy === 'reference') });
  const rows = await make(place, reference);
  const neighbours: Neighbour[] = [];
  for (const neighbour of neighboursOf(database, place)) {
    neighbours.push({ place: neighbour, rows: await make({ ...neighbour, tables: neighbour.tables.filter(({ tenancy }) => tenancy !== 'shared') }, neighbour === home ? undefined : place === home ? rows : reference) });
  }
  return { mode: modeOf(place), context: contextOf(declaration), ...prepared, declaration, database, place, facts, server, own, foreign, rows, neighbours };
}

/** The home schema, and the schema that comes next. */
function neighboursOf({ places }: DatabasePlan, place: Place): Place[] {
  const others = places.filter(({ kind }) => kind !== 'library');
  const at = others.indexOf(place);
  const ring = [...others.slice(at + 1), ...others.slice(0, at)];
  return [...new Set([...ring.filter(({ kind }) => kind === 'row'), ...ring])].slice(0, NEIGHBOURS);
}

async function attackOnce(session: ProbeSession, target: PlaceTarget): Promise<AttackResult[]> {
  return run(session, target, PLACE_ATTACKS, target);
}

async function attackAs(session: ProbeSession, target: RoleTarget): Promise<AttackResult[]> {
  const results: AttackResult[] = [];
  const targets: TableTarget[] = [];
  for (const table of target.place.tables) {
    const row = target.rows.rows.get(table.name);
    if (row !== undefined) {
      targets.push({ ...target, table, name: qualified(target.place.schema, table.name), letters: lettersOf(target.place, table, target.role), access: roleAccess(target.role, table), masked: maskedOf(table, target.role), row });
      continue;
    }
    const { problem = '', remedy = '' } = target.rows.problems.get(table.name) ?? {};
    results.push({ attack: 'probe-row', mode: target.mode, place: nameOf(target.place), table: table.name, role: target.role.grantee, verdict: 'unknown', expected: ROWS, observed: 'none', control: 'none', reason: problem, remedy });
  }
  for (let i = 0; i < targets.length; i += AT_ONCE) {
    const found = await Promise.all(targets.slice(i, i + AT_ONCE).map((table) => run(session, table, TABLE_ATTACKS.filter(({ alone }) => alone !== true), table)));
    results.push(...found.flat());
  }
  for (const table of targets) results.push(...await run(session, table, TABLE_ATTACKS.filter(({ alone }) => alone === true), table));
  results.push(...await run(session, target, ROLE_ATTACKS, target));
  return results;
}

const maskedOf = (table: ShapeTable, role: PlaceRole): string[] =>
  maskedFor(table, roleAccess(role, table), role.declaration.masked.map(splitReference).filter((column) => column.table === table.name).map(({ column }) => column));

function lettersOf(place: Place, table: ShapeTable, { grantee }: PlaceRole): string {
  const { table: whole, columns } = accessOf(place, table);
  return [...new Set([...(whole.get(grantee) ?? ''), ...[...columns.values()].flatMap((of) => [...(of.get(grantee) ?? '')])])].join('');
}

/** Attacks of one level on one target, at the same time; the results keep the order of the registry. */
async function run<T extends PlaceTarget>(session: ProbeSession, target: T, attacks: readonly { readonly id: string; readonly inapplicable?: (target: T) => string | undefined; readonly run: (session: ProbeSession, target: T) => Promise<readonly Finding[]> }[], names: Partial<TableTarget>): Promise<AttackResult[]> {
  const base = { mode: target.mode, place: nameOf(target.place) };
  const found = await Promise.all(attacks.map(async ({ id, inapplicable, run: attackIt }): Promise<AttackResult[]> => {
    const reason = inapplicable?.(target);
    if (reason !== undefined) {
      return [{ attack: id, ...base, ...(names.table === undefined ? {} : { table: names.table.name }), ...(names.role === undefined ? {} : { role: names.role.grantee }), verdict: 'not applicable', expected: '', observed: '', control: '', reason }];
    }
    return (await attackIt(session, target)).map((finding) => ({ attack: id, ...base, ...finding }));
  }));
  return found.flat();
}


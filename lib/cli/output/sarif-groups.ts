import { createHash } from 'node:crypto';
import type { AttackResult, Evidence } from '../../bootstrap';
import { titleOf } from './sarif-rules';
import { shortened } from './sarif-text';

/** The verdicts that a SARIF log tells of. */
export type FailedVerdict = 'breached' | 'unknown' | 'accepted';

/** A server, database, schema, table or role. */
interface DatabaseObject {
  readonly name: string;
  readonly qualified: string;
  readonly kind: string;
}

/** Results of one attack, verdict, role and mode: thousands of tenants with the same flaw are one. */
export interface ResultGroup {
  readonly attack: string;
  readonly title: string;
  readonly verdict: FailedVerdict;
  /** The declared role; of the roles that it has in places of tenants, all are meant. */
  readonly role?: string;
  readonly mode: AttackResult['mode'];
  readonly occurrences: number;
  readonly objects: readonly DatabaseObject[];
  readonly tenantRoles: readonly string[];
  readonly fingerprint: string;
  readonly reasons: readonly string[];
  readonly moreReasons: number;
  readonly remedies: readonly string[];
}

/** Objects that are named in one result; GitHub keeps a hundred locations, and the evidence names all. */
export const MOST_OBJECTS = 25;
const MOST_REASONS = 3;
/** Most serious first: GitHub keeps 5,000 results of a run. */
const ORDER: readonly FailedVerdict[] = ['breached', 'unknown', 'accepted'];

const isTold = (result: AttackResult): result is AttackResult & { readonly verdict: FailedVerdict } => (ORDER as readonly string[]).includes(result.verdict);

/** In an order that does not depend on that of the results. */
export function groupsOf({ declaration, results }: Evidence): ResultGroup[] {
  const groups = new Map<string, AttackResult[]>();
  for (const result of results.filter(isTold)) {
    const key = JSON.stringify([ORDER.indexOf(result.verdict), result.attack, result.mode, roleIn(declaration, result.role) ?? '']);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [result]);
    else group.push(result);
  }
  return [...groups].sort(([a], [b]) => compare(a, b)).map(([, members]) => groupOf(declaration, members as [AttackResult, ...AttackResult[]]));
}

function groupOf(declaration: string, members: readonly [AttackResult, ...AttackResult[]]): ResultGroup {
  const [{ attack, mode, verdict, role: given }] = members;
  const role = roleIn(declaration, given);
  const reasons = distinct(members.flatMap(({ reason = '' }) => (reason === '' ? [] : [reason])));
  const objects = new Map(members.map((result) => objectOf(result)).map((object) => [object.qualified, object]));
  return {
    attack, title: titleOf(attack), mode, verdict: verdict as FailedVerdict, ...(role === undefined ? {} : { role }),
    occurrences: members.length,
    objects: [...objects.values()].sort((a, b) => compare(a.qualified, b.qualified)),
    tenantRoles: distinct(members.flatMap((result) => (result.role === undefined || result.role === role ? [] : [result.role]))),
    fingerprint: fingerprintOf(members, role),
    reasons: reasons.slice(0, MOST_REASONS).map(shortened), moreReasons: Math.max(0, reasons.length - MOST_REASONS),
    remedies: distinct(members.flatMap(({ remedy = '' }) => (remedy === '' ? [] : [remedy]))).slice(0, MOST_REASONS).map(shortened),
  };
}

/**
 * The same in every run while nothing changes, whichever tenants of a class are attacked that day. What failed is part of it, by table and by what was seen: an alert that somebody dismissed must not
 * hide the next table that is breached. What is accepted is accepted wherever it is met.
 */
function fingerprintOf(members: readonly [AttackResult, ...AttackResult[]], role: string | undefined): string {
  const [{ attack, mode, verdict }] = members;
  const what = verdict === 'accepted' ? [] : distinct(members.map((result) => JSON.stringify([result.table ?? '', withoutPlace(result)])));
  return createHash('sha256').update(JSON.stringify([attack, mode, verdict, role ?? '', what])).digest('hex').slice(0, 32);
}

/** What was seen, without the names of the place: those of a tenant's schema or database differ from tenant to tenant. */
function withoutPlace({ observed, place }: AttackResult): string {
  const names = place.split('.').sort((a, b) => b.length - a.length);
  return place === 'server' ? observed : names.reduce((text, name) => text.replaceAll(name, '*'), observed);
}

/** `shop_app` for `shop_app__globex` and `shop_app__globex_login`. */
function roleIn(declaration: string, role: string | undefined): string | undefined {
  if (role === undefined || !role.startsWith(`${declaration}_`)) return role;
  const at = role.indexOf('__', declaration.length + 1);
  return at < 0 ? role : `${role.slice(0, at)}${role.endsWith('_login') ? '_login' : ''}`;
}

function objectOf({ place, table, role }: AttackResult): DatabaseObject {
  if (table !== undefined && place !== 'server') return { name: table, qualified: `${place}.${table}`, kind: 'table' };
  if (place === 'server') return role === undefined ? { name: 'server', qualified: 'server', kind: 'server' } : { name: role, qualified: role, kind: 'role' };
  const at = place.indexOf('.');
  return at < 0 ? { name: place, qualified: place, kind: 'database' } : { name: place.slice(at + 1), qualified: place, kind: 'schema' };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const distinct = (texts: readonly string[]): string[] => [...new Set(texts)].sort(compare);

import type { Refusal } from '../../provider/behaviour';
import type { Value, ValueObject } from '../../protocol/values';
import { elementsOf, text } from '../rules/rules';

type Json = string | readonly string[] | { readonly [name: string]: Json };
interface Statement {
  readonly Sid?: string;
  readonly [member: string]: Json | undefined;
}
interface Document {
  readonly Version: string;
  readonly Id: string;
  readonly Statement: readonly Statement[];
}

const MEMBERS = ['Sid', 'Effect', 'Action', 'NotAction', 'Resource', 'NotResource', 'Principal', 'NotPrincipal', 'Condition'];
const DEFAULT_VERSION = '2012-10-17';

/**
 * `aws_iam_policy_document`, rendered as the provider does it (internal/service/iam/policy_document_data_source.go and policy_model.go):
 * members in a fixed order, lists in reverse order, a single element without a list, `&{` as `${`.
 */
export function policyDocument(config: ValueObject): ValueObject | Refusal {
  const documents: Document[] = [];
  const seen = new Set<string>();
  for (const [i, source] of textsOf(config['source_policy_documents']).entries()) {
    const parsed = parse(source);
    if (parsed === undefined) return refusal(`merging source document ${i}: it is no JSON`);
    for (const [at, { Sid = '' }] of parsed.Statement.entries()) {
      if (Sid !== '' && seen.has(Sid)) return refusal(`merging source document ${i}: duplicate Sid (${Sid}) in source_policy_documents (statement ${at}). Remove the Sid or ensure Sids are unique.`);
      seen.add(Sid);
    }
    documents.push(parsed);
  }
  const version = text(config['version']) || DEFAULT_VERSION;
  const own = elementsOf(config['statement']).map((statement) => statementOf(statement));
  const sids = own.map(({ Sid = '' }) => Sid).filter((sid) => sid !== '');
  const twice = sids.find((sid, i) => sids.indexOf(sid) !== i);
  if (twice !== undefined) return refusal(`duplicate Sid (${twice}). Remove the Sid or ensure the Sid is unique.`);
  documents.push({ Version: version, Id: text(config['policy_id']), Statement: own });
  for (const [i, override] of textsOf(config['override_policy_documents']).entries()) {
    const parsed = parse(override);
    if (parsed === undefined) return refusal(`merging override document ${i}: it is no JSON`);
    documents.push(parsed);
  }
  const { Version, Id, Statement } = documents.reduce(merge, { Version: '', Id: '', Statement: [] });
  const document = { ...(Version === '' ? {} : { Version }), ...(Id === '' ? {} : { Id }), ...(Statement.length === 0 ? {} : { Statement }) };
  return { json: escaped(JSON.stringify(document, null, 2)), minified_json: escaped(JSON.stringify(document)), version };
}

const refusal = (problem: string): Refusal => ({ summary: `writing IAM Policy Document: ${problem}`, detail: '' });
const textsOf = (value: Value | undefined): string[] => (Array.isArray(value) ? (value as readonly Value[]).filter((one): one is string => typeof one === 'string') : []);

/** Go's JSON writes these characters so that they are safe in HTML. */
const escaped = (json: string): string => json.replace(/[<>&\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Statements with the same Sid are overwritten, the others appended. */
function merge(into: Document, document: Document): Document {
  const statements = [...into.Statement];
  for (const statement of document.Statement) {
    const at = statement.Sid === undefined || statement.Sid === '' ? -1 : statements.findIndex(({ Sid }) => Sid === statement.Sid);
    if (at < 0) statements.push(statement);
    else statements[at] = statement;
  }
  return { Version: document.Version > into.Version ? document.Version : into.Version, Id: document.Id === '' ? into.Id : document.Id, Statement: statements };
}

function statementOf(statement: ValueObject): Statement {
  const list = (name: string): Json => several(textsOf(statement[name]).map(variables));
  const principals = (name: string): Json => principalsOf(elementsOf(statement[name]).map(({ type, identifiers }) => [text(type), textsOf(identifiers).map(variables)]));
  return ordered({
    Sid: text(statement['sid']), Effect: text(statement['effect']) || 'Allow', Action: several(textsOf(statement['actions'])), NotAction: several(textsOf(statement['not_actions'])), Resource: list('resources'), NotResource: list('not_resources'),
    Principal: principals('principals'), NotPrincipal: principals('not_principals'), Condition: conditionsOf(elementsOf(statement['condition'])),
  });
}

const variables = (value: string): string => value.replaceAll('&{', '${');
const reversed = (values: readonly string[]): string[] => [...values].sort().reverse();
const several = (values: readonly string[]): Json => (values.length === 1 ? (values[0] as string) : reversed(values));
const sorted = (object: Readonly<Record<string, Json>>): Json => Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));

/** Everybody is written as a single star, everybody with an account as `{ "AWS": "*" }`. */
function principalsOf(principals: readonly (readonly [string, readonly string[]])[]): Json {
  const [first] = principals;
  if (principals.length === 1 && first !== undefined && first[0] === '*' && first[1].length === 1 && first[1][0] === '*') return '*';
  const byType = new Map<string, Json>();
  for (const [type, identifiers] of principals) {
    const before = byType.get(type);
    byType.set(type, before === undefined ? several(identifiers) : [...(typeof before === 'string' ? [before] : (before as readonly string[])), ...reversed(identifiers)]);
  }
  return sorted(Object.fromEntries(byType));
}

function conditionsOf(conditions: readonly ValueObject[]): Json {
  const tests = new Map<string, Map<string, string[]>>();
  for (const { test, variable, values } of conditions) {
    const of = tests.get(text(test)) ?? new Map<string, string[]>();
    tests.set(text(test), of.set(text(variable), [...(of.get(text(variable)) ?? []), ...textsOf(values).map(variables)]));
  }
  const single = (values: readonly string[]): Json => (values.length === 1 ? (values[0] as string) : values);
  return sorted(Object.fromEntries([...tests].map(([test, of]) => [test, sorted(Object.fromEntries([...of].map(([variable, values]) => [variable, single(values)])))])));
}

const isEmpty = (value: Json | undefined): boolean => value === undefined || value === '' || (typeof value === 'object' && Object.keys(value).length === 0);
const ordered = (statement: Readonly<Record<string, Json | undefined>>): Statement => Object.fromEntries(MEMBERS.filter((name) => !isEmpty(statement[name])).map((name) => [name, statement[name]]));

/** A document that was written elsewhere, in the provider's form. */
function parse(source: string): Document | undefined {
  try {
    const { Version = '', Id = '', Statement = [] } = JSON.parse(source) as { Version?: string; Id?: string; Statement?: Record<string, unknown> | Record<string, unknown>[] };
    const statements = Array.isArray(Statement) ? Statement : [Statement];
    return { Version, Id, Statement: statements.map((one) => ordered({ ...(one as Record<string, Json>), Principal: reread(one['Principal']), NotPrincipal: reread(one['NotPrincipal']), Condition: recondition(one['Condition']) })) };
  } catch {
    return undefined;
  }
}

function reread(principal: unknown): Json | undefined {
  if (principal === undefined || typeof principal === 'string') return principal === undefined ? undefined : '*';
  return sorted(Object.fromEntries(Object.entries(principal as Record<string, string | string[]>).map(([type, value]) => [type, typeof value === 'string' ? value : reversed(value)])));
}

function recondition(condition: unknown): Json | undefined {
  if (condition === undefined) return undefined;
  const flat = (value: string | boolean | readonly string[]): Json => (Array.isArray(value) && value.length === 1 ? (value[0] as string) : typeof value === 'boolean' ? String(value) : (value));
  return sorted(Object.fromEntries(Object.entries(condition as Record<string, Record<string, string | boolean | string[]>>).map(([test, of]) => [test, sorted(Object.fromEntries(Object.entries(of).map(([variable, value]) => [variable, flat(value)])))])));
}

import type { Complaint } from '../core/errors';
import { listOf, nearest } from '../core/text';
import { checkIdentifier } from './check-identifier';
import { LIBRARY_SCHEMA, MAX_IDENTIFIER } from './names';
import { type Declaration, isBuiltInType, UNSUPPORTED_TYPE } from './schema';

/** Schema of extensions that name no other. */
export const EXTENSION_SCHEMA = 'extensions';

/** Names of types that PostgreSQL's grammar knows: one of these is never looked up as a domain. */
const TYPE_WORDS = [
  'bigint', 'bit', 'boolean', 'char', 'character', 'dec', 'decimal', 'double', 'float', 'int', 'integer', 'interval', 'json', 'national', 'nchar', 'numeric', 'precision', 'real', 'setof', 'smallint', 'time',
  'timestamp', 'varchar', 'xmlexists',
];

/** The rules of extensions, domains and publications. */
export function checkObjects(declaration: Declaration): Complaint[] {
  return [...checkColumnTypes(declaration), ...checkDomains(declaration), ...checkExtensions(declaration), ...checkPublications(declaration)];
}

function checkColumnTypes({ tables, domains = {} }: Declaration): Complaint[] {
  const known = Object.keys(domains);
  return Object.entries(tables).flatMap(([table, { columns }]) => Object.entries(columns).flatMap(([column, { type }]): Complaint[] => {
    if (isBuiltInType(type) || known.includes(type)) return [];
    const near = nearest(type, known);
    return [{
      code: 'declaration/invalid-value', at: `tables.${table}.columns.${column}.type`, problem: `${JSON.stringify(type)} ${UNSUPPORTED_TYPE}${known.length === 0 ? '' : `; or a declared domain: ${listOf(known)}`}.`,
      ...(near === undefined ? {} : { fix: `Did you mean ${JSON.stringify(near)}?` }),
    }];
  }));
}

function checkDomains({ domains = {}, tables }: Declaration): Complaint[] {
  return Object.keys(domains).flatMap((name): Complaint[] => {
    const at = `domains.${name}`;
    const complaints = checkIdentifier(name, at, { what: 'the name of a domain' });
    if (name.startsWith('pg_') || isBuiltInType(name) || TYPE_WORDS.includes(name)) {
      complaints.push({ code: 'declaration/reserved-name', at, problem: `${JSON.stringify(name)} is the name of a type of PostgreSQL itself.`, fix: 'Choose another name.' });
    }
    if (Object.hasOwn(tables, name)) {
      complaints.push({ code: 'declaration/name-collision', at, problem: `There is a table ${JSON.stringify(name)}, and PostgreSQL makes a type of that name for its rows.`, fix: 'Rename one of the two.' });
    }
    return complaints;
  });
}

function checkExtensions({ name: declaration, extensions = {} }: Declaration): Complaint[] {
  return Object.entries(extensions).flatMap(([name, { schema }]): Complaint[] => {
    const at = `extensions.${name}`;
    const complaints: Complaint[] = [];
    if (!/^[a-z][a-z0-9_-]*$/.test(name) || Buffer.byteLength(name) > MAX_IDENTIFIER) {
      complaints.push({ code: 'declaration/identifier', at, problem: `${JSON.stringify(name)} cannot be the name of an extension: lower-case letters, digits, _ and - are allowed, with a letter in front, and ${MAX_IDENTIFIER} bytes.`, fix: "Write it as pg_available_extensions lists it, for instance 'uuid-ossp'." });
    }
    if (name === 'plpgsql') complaints.push({ code: 'declaration/reserved-name', at, problem: 'plpgsql is in every database already.', fix: 'Remove it.' });
    const where = schema ?? EXTENSION_SCHEMA;
    if (schema !== undefined) complaints.push(...checkIdentifier(schema, `${at}.schema`, { what: 'the name of a schema', noDoubleUnderscore: true }));
    if (where === declaration || where === LIBRARY_SCHEMA || where === 'public' || where === 'information_schema' || where.startsWith('pg_')) {
      complaints.push({
        code: 'declaration/extension-schema', at: schema === undefined ? at : `${at}.schema`, problem: `${JSON.stringify(where)} is not a schema for extensions alone: ${where === declaration || where === LIBRARY_SCHEMA ? 'tables lie in it' : 'it is PostgreSQL’s own'}.`,
        fix: schema === undefined ? 'Give the extension a schema of another name.' : `Leave it out: ${JSON.stringify(EXTENSION_SCHEMA)} is made for them. An extension that is tied to a schema goes there by itself.`,
      });
    }
    return complaints;
  });
}

function checkPublications({ tables, publications = {} }: Declaration): Complaint[] {
  const known = Object.keys(tables);
  return Object.entries(publications).flatMap(([name, publication]): Complaint[] => {
    const at = `publications.${name}`;
    const twice = (list: readonly string[], path: string): Complaint[] => list.flatMap((item, i) => (list.indexOf(item) === i ? [] : [{ code: 'declaration/repeated', at: `${at}.${path}.${i}`, problem: `${JSON.stringify(item)} stands here twice.`, fix: 'Remove one.' }]));
    const unknown = (table: string, path: string, among: readonly string[], what: string): Complaint[] => {
      if (among.includes(table)) return [];
      const near = nearest(table, among);
      return [{ code: 'declaration/unknown-table', at: `${at}.${path}`, problem: `There is no table ${JSON.stringify(table)} ${what}; the tables are ${listOf(among)}.`, ...(near === undefined ? {} : { fix: `Did you mean ${JSON.stringify(near)}?` }) }];
    };
    return [
      ...checkIdentifier(name, at, { what: 'the name of a publication' }),
      ...publication.tables.flatMap((table, i) => unknown(table, `tables.${i}`, known, 'in the declaration')),
      ...Object.keys(publication.rowFilter ?? {}).flatMap((table) => unknown(table, `rowFilter.${table}`, publication.tables, 'in the publication')),
      ...twice(publication.tables, 'tables'), ...twice(publication.operations, 'operations'),
    ];
  });
}

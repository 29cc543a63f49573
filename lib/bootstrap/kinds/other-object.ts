import type { Difference } from '../plan/difference';
import { at, finding, kind, NO_WANTS, placeKey } from './kind';

interface Live {
  readonly label: string;
  /** The name of a domain. */
  readonly domain: string | null;
}

/** Types, domains that nobody declared, operators, collations, extensions and whatever else lies in a schema of ours besides relations and functions: none is declared. */
export const otherObject = kind<'place', true, Live>({
  name: 'other object',
  level: 'place',
  compares: ['strangers'],
  query: {
    text: `select n.nspname as schema, i.type, i.identity, (select t.typname from pg_catalog.pg_type t where d.classid = 'pg_catalog.pg_type'::regclass and t.oid = d.objid and t.typtype = 'd') as domain
             from pg_catalog.pg_depend d join pg_catalog.pg_namespace n on n.oid = d.refobjid, lateral pg_identify_object(d.classid, d.objid, 0) i
            where d.refclassid = 'pg_catalog.pg_namespace'::regclass and n.nspname = any($1) and d.deptype = 'n'
              and d.classid not in ('pg_catalog.pg_class'::regclass, 'pg_catalog.pg_proc'::regclass)
              and not exists (select from pg_catalog.pg_depend e where e.classid = d.classid and e.objid = d.objid and e.deptype = 'e')`,
    values: (scope) => [scope.schemas],
  },
  read: ({ schema, type, identity, domain }) => ({ container: placeKey(schema), key: `${type} ${identity}`, have: { label: `${type} ${identity}`, domain } }),
  wants: () => NO_WANTS,
  compare: (place, _key, _want, have): Difference[] =>
    (have === undefined || place.domains?.some(({ name }) => name === have.domain) === true ? []
      : [finding({ ...at(place), kind: 'other object', code: 'object/undeclared', summary: `${have.label} is not declared` })]),
});

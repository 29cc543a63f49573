import { ident } from '../sql/quote';
import type { Difference } from '../plan/difference';
import { parseAcl, privilegeList } from './acl';
import { change, kind } from './kind';
import { isPlatformRole } from './membership';

interface Live {
  readonly acl: string;
}

const OBJECTS: Readonly<Record<string, string>> = { r: 'tables', S: 'sequences', f: 'functions', T: 'types', n: 'schemas', L: 'large objects' };
/** What PUBLIC may do with a new object of the owner unless it is taken away. */
const PUBLIC_PRIVILEGES: Readonly<Record<string, string>> = { f: 'execute', T: 'usage' };
const WANTS = new Map([['.f', 'f'], ['.T', 'T']]);

/** New objects of the owner are nobody's but the owner's. */
export const defaultPrivilege = kind<'database', string, Live>({
  name: 'default privilege',
  level: 'database',
  compares: ['presence', 'privileges'],
  query: {
    text: `select current_database() as database, coalesce(n.nspname, '') as schema, d.defaclobjtype as object, d.defaclacl::text as acl
             from pg_catalog.pg_default_acl d join pg_catalog.pg_roles r on r.oid = d.defaclrole left join pg_catalog.pg_namespace n on n.oid = d.defaclnamespace
            where r.rolname = $1`,
    values: (scope) => [scope.owner],
  },
  read: ({ database, schema, object, acl }) => ({ container: database, key: `${schema}.${object}`, have: { acl } }),
  wants: () => WANTS,
  compare(database, key, want, have): Difference[] {
    const { owner = '', externalGrants = [] } = database.places[0] ?? {};
    const [schema = '', letter = ''] = key.split('.');
    const objects = OBJECTS[letter] ?? letter;
    const where = { kind: 'default privilege', target: database.name, action: 'revoke' } as const;
    const alter = `alter default privileges for role ${ident(owner)}${schema === '' ? '' : ` in schema ${ident(schema)}`} revoke`;
    if (have === undefined) {
      return want === undefined ? [] : [change({ ...where, summary: `PUBLIC gets nothing on new ${objects}`, reason: 'PostgreSQL grants it by default', sql: `${alter} ${PUBLIC_PRIVILEGES[letter]} on ${objects} from public` })];
    }
    const isOthers = ({ grantee }: { grantee: string }): boolean => grantee !== owner && !isPlatformRole(grantee) && !externalGrants.includes(grantee);
    return parseAcl(have.acl).filter(isOthers).map((grant) => change({
      ...where, summary: `${grant.grantee === '' ? 'PUBLIC' : grant.grantee} gets nothing on new ${objects}${schema === '' ? '' : ` in ${schema}`}`, reason: `it gets ${privilegeList(grant.privileges)}`,
      sql: `${alter} all on ${objects} from ${grant.grantee === '' ? 'public' : ident(grant.grantee)}`,
    }));
  },
});

import { listOf } from '../../core/text';
import { homeSchema, objectName, ownerRole, TENANT_ID } from '../../declaration/names';
import { foreignKeysOf, primaryKeyName, uniquesOf } from '../../declaration/relations';
import type { OnDelete } from '../../declaration/types';
import { ident, identList, qualified } from '../sql/quote';
import type { Target } from './beside';
import { tenantJoin } from './copy';
import type { Draft } from './draft';
import type { DraftTable } from './draft-table';
import type { ExistingDatabase } from './existing';
import type { AdoptStep, AdoptWay } from './step';

/** The way for tables whose columns are already as the draft has them: nothing is copied, and each step can be undone until the last. */
export function inPlaceWay(existing: ExistingDatabase, draft: Draft, target: Target): AdoptWay {
  const fit = draft.tables.filter(({ same, tenancy, input }) => same && tenancy.path !== undefined && tenancy.tenancy === 'tenant' && input.triggers === undefined);
  const rest = draft.tables.filter((table) => !fit.includes(table));
  const all = fit.map((table) => stepsOf(existing, draft, table, fit, target));
  return {
    name: 'in place',
    summary: `${fit.length} of ${draft.tables.length} tables could stay where they are, since their columns and types are as the draft has them. Programs that write them must give ${TENANT_ID} from the second step on. The safe way is beside.`,
    steps: [
      ...(rest.length === 0 ? [] : [{ kind: 'decision' as const, summary: `copy ${rest.length} tables beside instead`, reason: 'their names or types change, a sequence numbers their rows, or their rows are of no tenant', sql: [], hazard: `they are ${listOf(rest.map(({ existing: { key } }) => key))}` }]),
      { kind: 'command', summary: 'make the roles, the mapping and the tenants as in the other way', reason: `the registry gives the ids that ${TENANT_ID} gets`, sql: [] },
      ...phases.flatMap((phase) => all.flatMap((steps) => steps[phase])),
      ...moves(fit, target),
    ],
  };
}

/** All tables go through one phase before the next begins: a reference needs the new key of its target. */
const phases = ['column', 'key', 'references'] as const;

function stepsOf(existing: ExistingDatabase, draft: Draft, table: DraftTable, fit: readonly DraftTable[], target: Target): Record<(typeof phases)[number], AdoptStep[]> {
  const { schema, name, key: object } = table.existing;
  const at = qualified(schema, name);
  const declared = draft.declaration?.tables[table.name];
  const check = ident(objectName(name, TENANT_ID, 'given'));
  const own = existing.constraints.filter((constraint) => constraint.table === object);
  const oldKeys = own.filter(({ type }) => type === 'p' || type === 'u');
  const primary = oldKeys.find(({ type }) => type === 'p');
  const referenced = existing.constraints.filter(({ type, target: of }) => type === 'f' && of === object);
  const keyColumns = [TENANT_ID, ...table.input.primaryKey];
  const temporary = ident(objectName(name, TENANT_ID, 'key'));
  const uniques = declared === undefined ? [] : uniquesOf(table.name, declared);
  const foreign = declared === undefined ? [] : foreignKeysOf(table.name, declared).filter(({ target: of }) => draft.declaration?.tables[of]?.tenancy === 'tenant');
  const column: AdoptStep[] = [
    { kind: 'sql', object, summary: `add ${TENANT_ID} to ${object}`, reason: 'every row of a tenant carries it', sql: [`alter table ${at} add column ${TENANT_ID} uuid`], lock: `ACCESS EXCLUSIVE on ${object}, for a moment`, hazard: 'waits for running transactions: set lock_timeout to 2s and try again' },
    { kind: 'sql', object, summary: `fill ${TENANT_ID} of ${object}`, reason: table.tenancy.reason, sql: [`update ${at} n set ${TENANT_ID} = m.tenant_id from ${at} o${tenantJoin(table)} where o.ctid = n.ctid and n.${TENANT_ID} is null`], lock: `ROW EXCLUSIVE on ${object}; each row until the transaction ends`, hazard: 'rewrites every row: do it in parts, by ranges of the key, with VACUUM in between' },
    { kind: 'sql', object, summary: `${TENANT_ID} of ${object} is never null`, reason: 'a row without it belongs to nobody', sql: [`alter table ${at} add constraint ${check} check (${TENANT_ID} is not null) not valid`, `alter table ${at} validate constraint ${check}`, `alter table ${at} alter column ${TENANT_ID} set not null`, `alter table ${at} drop constraint ${check}`], lock: `SHARE UPDATE EXCLUSIVE on ${object} while it is read, ACCESS EXCLUSIVE for moments`, hazard: 'fails where a row has no tenant: decide about it first' },
    { kind: 'sql', object, summary: `build keys of ${object} that begin with the tenant`, reason: 'keys without it tell what others have', sql: [`create unique index concurrently ${temporary} on ${at} (${identList(keyColumns)})`, ...uniques.map(({ name: unique, columns }) => `create unique index concurrently ${ident(`${unique.slice(0, 58)}_new`)} on ${at} (${identList([TENANT_ID, ...columns])})`)], lock: `SHARE UPDATE EXCLUSIVE on ${object}`, hazard: 'cannot run in a transaction; an index that fails stays INVALID: drop it and build it again' },
  ];
  const key: AdoptStep[] = [
    {
      kind: 'sql', object, summary: `swap the keys of ${object}`, reason: 'the new ones hold within a tenant',
      sql: ['begin', ...referenced.map(({ table: of, name: constraint }) => `alter table ${qualifiedKey(of)} drop constraint if exists ${ident(constraint)}`), ...(primary === undefined ? [] : [`alter table ${at} drop constraint ${ident(primary.name)}`]), `alter table ${at} add constraint ${ident(primaryKeyName(table.name))} primary key using index ${temporary}`,
        ...oldKeys.filter(({ type }) => type === 'u').map(({ name: constraint }) => `alter table ${at} drop constraint ${ident(constraint)}`), ...uniques.map(({ name: unique }) => `alter table ${at} add constraint ${ident(unique)} unique using index ${ident(`${unique.slice(0, 58)}_new`)}`), 'commit'],
      lock: `ACCESS EXCLUSIVE on ${object} and the tables that reference it, for a moment`, hazard: referenced.length === 0 ? 'none, behind a backup' : 'nothing checks the references until they are added again',
    },
  ];
  return {
    column, key,
    references: foreign.map((reference): AdoptStep => {
      const to = fit.find(({ name: of }) => of === reference.target)?.existing;
      const old = own.filter(({ type, columns }) => type === 'f' && columns.join() === reference.columns.join());
      return {
        kind: 'sql', object, summary: `reference ${reference.target} within the tenant`, reason: 'a row never references another tenant’s',
        sql: [...old.map(({ name: constraint }) => `alter table ${at} drop constraint if exists ${ident(constraint)}`), `alter table ${at} add constraint ${ident(reference.name)} foreign key (${identList([TENANT_ID, ...reference.columns])}) references ${qualified(to?.schema ?? homeSchema(target.name), to?.name ?? reference.target)} (${identList([TENANT_ID, ...reference.targetColumns])})${ON_DELETE[reference.onDelete](reference.columns)} not valid`, `alter table ${at} validate constraint ${ident(reference.name)}`],
        lock: `SHARE ROW EXCLUSIVE on both tables for a moment, ROW SHARE while it is validated`, hazard: `fails where a row references another tenant’s`,
      };
    }),
  };
}

function moves(fit: readonly DraftTable[], target: Target): AdoptStep[] {
  if (fit.length === 0) return [];
  return [
    { kind: 'sql', summary: 'hand the tables over', reason: 'the owner of all of them is a role that nobody logs in as', sql: fit.flatMap(({ existing: { schema, name } }) => [`alter table ${qualified(schema, name)} set schema ${ident(homeSchema(target.name))}`, `alter table ${qualified(homeSchema(target.name), name)} owner to ${ident(ownerRole(target.name))}`]), lock: 'ACCESS EXCLUSIVE on each table, for a moment', hazard: 'programs that name the old schema fail from here on' },
    { kind: 'command', summary: 'bring the rest to the declaration', reason: 'policies, grants and what else differs; the plan shows it first', sql: ['tenantry bootstrap plan --manifest <manifest of the draft>', 'tenantry bootstrap apply --manifest <manifest of the draft>'] },
  ];
}

const ON_DELETE: Readonly<Record<OnDelete, (columns: readonly string[]) => string>> = {
  noAction: () => '', restrict: () => ' on delete restrict', cascade: () => ' on delete cascade', setNull: (columns) => ` on delete set null (${identList(columns)})`,
};
const qualifiedKey = (key: string): string => qualified(key.slice(0, key.indexOf('.')), key.slice(key.indexOf('.') + 1));

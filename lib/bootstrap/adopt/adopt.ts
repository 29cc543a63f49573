import type { Declaration } from '../../declaration';
import { checkIdentifier } from '../../declaration/check-identifier';
import { MAX_DECLARATION_NAME, ownerRole } from '../../declaration/names';
import type { SchemaInput } from '../../declaration/types';
import { refuse } from '../../core/errors';
import type { ServerAccess } from '../connect/server-access';
import { markerOf } from '../model/server';
import { besideWay } from './beside';
import { type Draft, draftOf } from './draft';
import { tablesOf } from './existing';
import { type AdoptFinding, Findings } from './finding';
import { inPlaceWay } from './in-place';
import { reportLacking } from './lacking';
import { declaredName } from './names';
import { readExisting } from './read';
import { reportAccess, reportIsolation, reportSurroundings } from './report-access';
import { reportNames, reportTenancy } from './report-tenancy';
import type { AdoptWay } from './step';
import { proposeTenancy } from './tenancy';

export interface AdoptOptions {
  readonly access: ServerAccess;
  readonly database: string;
  /** @default ['public'] */
  readonly schemas?: readonly string[];
  /** Name of the declaration. @default - that of the database with `_tenants` behind it, so that a new database is made */
  readonly name?: string;
  /** The column that says which tenant a row belongs to. @default - it is guessed */
  readonly tenantColumn?: string;
  /** A declaration that exists: the report says what is lacking to be that. @default - there is none; a draft is made */
  readonly wanted?: { readonly declaration: Declaration; readonly platform: string; readonly environment: string };
}

export interface Adoption {
  readonly database: string;
  readonly serverVersion: string;
  readonly schemas: readonly string[];
  readonly name: string;
  readonly tables: number;
  readonly tenantColumn?: string;
  readonly findings: readonly AdoptFinding[];
  /** A declaration as it would be written. */
  readonly draft: SchemaInput;
  readonly ways: readonly AdoptWay[];
}

/**
 * What an existing database lacks to be taken over, a draft of its declaration, and the steps to get there. Nothing is changed and no row is read.
 *
 * @throws TenantryError (`input`) when a schema, a column or the name is not right; (`failed`) when the catalog cannot be read
 */
export async function adopt({ access, database, schemas = ['public'], name: given, tenantColumn, wanted }: AdoptOptions): Promise<Adoption> {
  const name = given ?? wanted?.declaration.name ?? nameFor(database);
  const complaints = checkIdentifier(name, '--name', { what: 'the name of a declaration', max: MAX_DECLARATION_NAME, noDoubleUnderscore: true });
  refuse(complaints);
  const existing = await readExisting(access, database, schemas);
  const findings = new Findings();
  const proposal = proposeTenancy(existing, tenantColumn);
  const draft = draftOf(existing, proposal, name, findings);
  reportTenancy(existing, proposal, findings);
  reportNames(existing, name, schemas, findings);
  reportAccess(existing, findings, ownerRole(name));
  reportIsolation(existing, findings);
  reportSurroundings(existing, findings);
  if (wanted !== undefined) reportLacking(existing, draft, wanted.declaration, findings);
  const { platform = '<platform>', environment = '<environment>' } = wanted ?? {};
  const taken = wanted === undefined ? draft : declaredPart(draft, wanted.declaration);
  const target = { name, schemas, marker: markerOf({ platform, environment, declaration: name }) };
  return {
    database, serverVersion: existing.serverVersion, schemas, name, tables: tablesOf(existing).length, ...(proposal.column === undefined ? {} : { tenantColumn: proposal.column }),
    findings: findings.all, draft: draft.input, ways: [besideWay(existing, proposal, taken, target), inPlaceWay(existing, taken, target)],
  };
}

/** What a declaration takes over of what is there: its tables and columns, with its tenancies. */
function declaredPart(draft: Draft, declaration: Declaration): Draft {
  return {
    ...draft, declaration,
    tables: draft.tables.flatMap((table) => {
      const wanted = declaration.tables[table.name];
      if (wanted === undefined) return [];
      const columns = new Map([...table.columns].filter(([, { name }]) => wanted.columns[name] !== undefined));
      const same = table.same && Object.keys(wanted.columns).length === columns.size && [...columns.values()].every(({ name }) => wanted.columns[name]?.type === table.input.columns[name]?.type);
      return [{ ...table, columns, same, tenancy: { ...table.tenancy, tenancy: wanted.tenancy } }];
    }),
  };
}

function nameFor(database: string): string {
  const folded = declaredName(database).replace(/_{2,}/g, '_').replace(/^_+|_+$/g, '').slice(0, MAX_DECLARATION_NAME - '_tenants'.length).replace(/_+$/, '');
  return `${/^[a-z]/.test(folded) ? folded : `db_${folded}`.slice(0, MAX_DECLARATION_NAME - '_tenants'.length)}_tenants`;
}

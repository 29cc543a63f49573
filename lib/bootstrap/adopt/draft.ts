import { TenantryError } from '../../core/errors';
import { type Declaration, parseDeclaration } from '../../declaration';
import { objectName } from '../../declaration/names';
import { relationNames } from '../../declaration/relations';
import type { FunctionInput, SequenceInput } from '../../declaration/types-definitions';
import type { SchemaInput } from '../../declaration/types';
import { ident, literal } from '../sql/quote';
import { draftForeignKeys } from './draft-keys';
import { type DraftContext, draftDomains, type DraftTable, draftTable } from './draft-table';
import { type ExistingDatabase, tablesOf } from './existing';
import type { Findings } from './finding';
import { declaredName, declaredNames } from './names';
import type { TenancyProposal } from './tenancy';

export interface Draft {
  /** What a user would write: `parseDeclaration` accepts it. */
  readonly input: SchemaInput;
  /** Undefined where the draft is not accepted; the findings say why. */
  readonly declaration?: Declaration;
  readonly tables: readonly DraftTable[];
}

/** The declaration that is nearest to what is there. What it cannot say goes to the findings. */
export function draftOf(existing: ExistingDatabase, proposal: TenancyProposal, name: string, findings: Findings): Draft {
  const relations = tablesOf(existing);
  const names = tableNames(existing, findings);
  const { names: domains, input: domainInput } = draftDomains(existing, new Set(names.values()));
  const context: DraftContext = { existing, proposal, findings, domains };
  const tables = new Map<string, DraftTable>();
  for (const relation of relations) {
    const tenancy = proposal.tables.get(relation.key);
    const drafted = tenancy === undefined ? undefined : draftTable(context, relation, names.get(relation.key) ?? relation.name, tenancy);
    if (drafted !== undefined) tables.set(relation.key, drafted);
  }
  draftForeignKeys(context, tables);
  const list = [...tables.values()];
  const used = new Set(list.flatMap(({ input }) => Object.values(input.columns).map(({ type }) => type)));
  const ownDomains = Object.fromEntries(Object.entries(domainInput).filter(([domain]) => used.has(domain)));
  const plain: SchemaInput = {
    name,
    ...(Object.keys(ownDomains).length === 0 ? {} : { domains: ownDomains }),
    tables: Object.fromEntries(list.map((table) => [table.name, table.input])),
    roles: { app: { tables: Object.fromEntries(list.filter(({ tenancy }) => tenancy.tenancy !== 'shared').map((table) => [table.name, table.tenancy.tenancy === 'tenant' ? 'write' as const : 'read' as const])) } },
  };
  const numbered = draftNumbers(context, list, plain);
  const input: SchemaInput = { ...plain, ...numbered };
  try {
    return { input, declaration: parseDeclaration(JSON.parse(JSON.stringify(input))), tables: list };
  } catch (error) {
    if (!TenantryError.is(error)) throw error;
    for (const { code, at, problem, fix } of error.complaints) findings.add('blocker', 'draft', at ?? name, `${problem} (${code})`, 'a draft that can be parsed', fix ?? 'Edit the draft.');
    return { input, tables: list };
  }
}

/** Tables of several schemas come into one. */
function tableNames(existing: ExistingDatabase, findings: Findings): Map<string, string> {
  const relations = tablesOf(existing);
  const plain = declaredNames(relations.map(({ key }) => key.slice(key.indexOf('.') + 1)).filter((name, i, all) => all.indexOf(name) === i));
  const taken = new Set<string>();
  const names = new Map<string, string>();
  for (const { key, schema, name } of relations) {
    let declared = plain.get(name) ?? declaredName(name);
    if (taken.has(declared)) declared = declaredName(`${schema}_${name}`, new Set([...taken, ...plain.values()]));
    taken.add(declared);
    names.set(key, declared);
    if (declared !== name) findings.add('difference', 'name', key, `the table is called ${JSON.stringify(name)}`, `one schema, and names in lower case; the draft calls it ${declared}`, 'Change the programs that name it.');
  }
  return names;
}

/** Numbers that the server drew: a default cannot name a sequence, so that a trigger draws them. */
function draftNumbers({ existing, findings }: DraftContext, tables: readonly DraftTable[], plain: SchemaInput): Pick<SchemaInput, 'sequences' | 'functions'> {
  const sequences: Record<string, SequenceInput> = {};
  const functions: Record<string, FunctionInput> = {};
  const taken = new Set(tables.map(({ name }) => name));
  try {
    for (const { name } of relationNames(parseDeclaration(JSON.parse(JSON.stringify(plain))))) taken.add(name);
  } catch {
    // The draft is parsed again as a whole, and what is wrong is named then.
  }
  for (const table of tables) {
    for (const { existing: column, name } of table.columns.values()) {
      const sequence = column.sequence ?? column.needs.find((need) => column.generated === '' && /^nextval\(/.test(column.expression ?? '') && existing.sequences.some(({ key }) => key === need)) ?? null;
      if (sequence === null && column.identity === '' && !/^nextval\(/.test(column.expression ?? '')) continue;
      const at = `${column.table}.${column.name}`;
      const there = column.identity === '' ? `default ${column.expression ?? 'nextval(…)'}` : `an identity column (${column.identity === 'a' ? 'always' : 'by default'})`;
      if (table.tenancy.tenancy === 'reference') {
        findings.add('difference', 'serial', at, there, 'rows of reference tables are declared or loaded with their keys', 'Nothing: applications do not write them.');
        continue;
      }
      const drawn = declaredName(objectName(table.name, name, 'seq'), taken);
      const next = declaredName(objectName(table.name, name, 'next'), new Set([...taken, ...Object.keys(functions)]));
      taken.add(drawn);
      const found = existing.sequences.find(({ key }) => key === sequence);
      const scope = table.tenancy.tenancy === 'shared' ? { tenancy: 'shared' as const } : {};
      sequences[drawn] = {
        ...scope, ...(found === undefined || found.type === 'bigint' ? {} : { type: found.type as 'integer' }),
        ...(found === undefined || found.start === '1' || !Number.isSafeInteger(Number(found.start)) ? {} : { start: Number(found.start) }),
        ...(found === undefined || found.increment === '1' ? {} : { increment: Number(found.increment) }),
        ...(table.tenancy.tenancy === 'shared' ? {} : { use: ['app'] }),
      };
      functions[next] = { ...scope, returns: 'trigger', body: `begin new.${ident(name)} := nextval(${literal(drawn)}); return new; end` };
      table.input.triggers = { ...table.input.triggers, [declaredName(`${name}_next`)]: { timing: 'before', events: ['insert'], when: `new.${ident(name)} is null`, function: next } };
      findings.add('difference', 'serial', at, there, 'a default cannot draw from a sequence', `The draft has the sequence ${drawn} and a trigger that draws from it. Tenants that share a schema share the numbers, and see by the gaps how much the others draw: use uuids where that tells too much.`);
    }
  }
  return { ...(Object.keys(sequences).length === 0 ? {} : { sequences }), ...(Object.keys(functions).length === 0 ? {} : { functions }) };
}

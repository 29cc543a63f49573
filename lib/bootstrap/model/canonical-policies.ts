import { randomBytes } from 'node:crypto';
import type { Client } from 'pg';
import { type Complaint, TenantryError } from '../../core/errors';
import { ident, identList } from '../sql/quote';
import { type Anatomy, anatomyOf, type CalledFunction, type Condition, lintCondition } from './lint-policy';
import { parseTree } from './node-tree';
import { one } from './one-statement';
import { covers, OWN, REFERENCE, type ShapePolicy, unmarked } from './policy';
import type { ShapeTable } from './shape';

const MOST_ROUNDS = 5;

/** One condition of one policy: `using` or `check`. */
interface Part {
  readonly table: ShapeTable;
  readonly policy: ShapePolicy;
  readonly side: 'using' | 'check';
  readonly at: string;
  readonly text: string;
}

/**
 * Asks the server for its own form of the conditions of all policies, and judges their shape by its parse tree. All tables are there as empty
 * twins under their own names, so that a sub-select finds them without a schema; what the server prints for each is then marked, for the
 * schema of each place to be put in.
 *
 * @throws TenantryError (`input`) with everything that is wrong with them
 */
export async function canonicalPolicies(client: Client, tables: readonly ShapeTable[]): Promise<readonly ShapeTable[]> {
  if (tables.every(({ policies }) => policies === undefined)) return tables;
  await client.query('savepoint tenantry_policies');
  const twins = await Twins.create(client, tables);
  let parts = tables.flatMap((table) => (table.policies ?? []).flatMap((policy) => (['using', 'check'] as const).flatMap((side): Part[] => {
    const text = policy[side];
    return text === undefined ? [] : [{ table, policy, side, text, at: `tables.${table.name}.policies.${policy.name}.${side}` }];
  })));
  let anatomies: ReadonlyMap<Part, Anatomy> | undefined;
  for (let round = 1; ; round++) {
    const read = await twins.read(parts, round === 1);
    anatomies ??= new Map(read.map(({ part, anatomy }) => [part, anatomy]));
    const next = read.map(({ part, text }) => ({ ...part, text }));
    const settled = next.every(({ text }, i) => text === parts[i]?.text);
    parts = next;
    if (settled) break;
    if (round === MOST_ROUNDS) throw new TenantryError('failed', { code: 'declaration/expression', problem: `PostgreSQL prints a condition of a policy in another form each time, also after ${MOST_ROUNDS} rounds.`, fix: 'Write it in a simpler form.' });
  }
  await client.query('rollback to savepoint tenantry_policies; release savepoint tenantry_policies');
  const known = [...anatomies].map(([{ policy, side }, anatomy]) => ({ policy, side, anatomy }));
  const forms = tables.map((table) => (table.policies === undefined ? table : {
    ...table,
    policies: table.policies.map((policy): ShapePolicy => {
      const own = known.filter((entry) => entry.policy === policy);
      const reads = [...new Set(own.flatMap(({ anatomy }) => [...anatomy.relations].map((oid) => twins.nameOf(oid) ?? '')))].sort();
      const main = own.find(({ side }) => side === 'using') ?? own[0];
      const text = (side: Part['side']): object => {
        const part = parts.find((candidate) => candidate.policy === policy && candidate.side === side);
        return part === undefined ? {} : { [side]: part.text };
      };
      return { ...policy, ...text('using'), ...text('check'), ...(reads.length === 0 ? {} : { reads }), ...(main === undefined || main.anatomy.namesColumn || main.anatomy.isConstant ? {} : { columnless: true as const }) };
    }),
  }));
  const circles = circlesIn(forms);
  if (circles.length > 0) throw new TenantryError('input', circles);
  return forms;
}

/** Empty tables under the names of the declared ones. */
class Twins {
  /** Names that stand in no text of the declaration. */
  readonly #token = `tenantry_${randomBytes(8).toString('hex')}_`;

  private constructor(private readonly client: Client, private readonly tables: readonly ShapeTable[], private readonly oids: readonly string[], private readonly quoted: readonly string[]) {}

  static async create(client: Client, tables: readonly ShapeTable[]): Promise<Twins> {
    for (const { name, columns } of tables) await one(client, `create temporary table ${ident(name)} (${columns.map((column) => `${ident(column.name)} ${column.type}`).join(', ')})`, `tables.${name}`, '');
    const { rows } = await client.query<{ oid: string; quoted: string }>(`select ('pg_temp.' || quote_ident(name))::regclass::oid::text as oid, quote_ident(name) as quoted from unnest($1::text[]) with ordinality t(name, i) order by i`, [tables.map(({ name }) => name)]);
    return new Twins(client, tables, rows.map(({ oid }) => oid), rows.map(({ quoted }) => quoted));
  }

  nameOf(oid: string): string | undefined {
    return this.tables[this.oids.indexOf(oid)]?.name;
  }

  async read(parts: readonly Part[], judge: boolean): Promise<{ part: Part; text: string; anatomy: Anatomy }[]> {
    const { client } = this;
    for (const [i, part] of parts.entries()) {
      // For one command each, so that what closes its bracket early cannot bring a second condition.
      const condition = part.side === 'using' ? `for select using (${unmarked(part.text)})` : `for insert with check (${unmarked(part.text)})`;
      await one(client, `create policy ${ident(`p${i}`)} on pg_temp.${ident(part.table.name)} ${condition}`, part.at, part.text);
    }
    for (const [i, { name }] of this.tables.entries()) await client.query(`alter table pg_temp.${ident(name)} rename to ${this.#token}${i}x`);
    const { rows } = await client.query<{ number: number; text: string; tree: string }>(
      `select substr(polname, 2)::int as number, pg_get_expr(coalesce(polqual, polwithcheck), polrelid) as text, coalesce(polqual, polwithcheck)::text as tree from pg_policy where polrelid = any($1::oid[]) order by 1`, [this.oids]);
    for (const [i, { name }] of this.tables.entries()) await client.query(`alter table pg_temp.${this.#token}${i}x rename to ${ident(name)}`);
    for (const [i, { table }] of parts.entries()) await client.query(`drop policy ${ident(`p${i}`)} on pg_temp.${ident(table.name)}`);
    const read = parts.map((part, i) => {
      const { text, tree } = rows[i] as { text: string; tree: string };
      return { part, text: this.#mark(text, part.at), tree: parseTree(tree) };
    });
    const found = read.map(({ part, text, tree }) => ({ part, text, tree, anatomy: anatomyOf(tree) }));
    if (judge) await this.#judge(found);
    return found;
  }

  /** Puts a mark where the name of a schema comes: a name that no point and no number follows stands for the table itself, others for its alias. */
  #mark(text: string, at: string): string {
    if (unmarked(text) !== text) throw new TenantryError('input', { code: 'declaration/expression', at, problem: 'The condition holds a control character.', fix: 'Write chr(1) instead.' });
    return text.replaceAll(new RegExp(`${this.#token}(\\d+)x(_\\d+)?(\\.)?`, 'g'), (_all, number: string, suffix = '', point = '') => {
      const table = this.tables[Number(number)];
      const quoted = this.quoted[Number(number)] ?? '';
      if (suffix !== '') return `${table?.name ?? ''}${suffix}${point}`;
      return point === '' ? `${table?.tenancy === 'reference' ? REFERENCE : OWN}${quoted}` : `${quoted}.`;
    });
  }

  async #judge(found: readonly { readonly part: Part; readonly tree: Condition['tree']; readonly anatomy: Anatomy }[]): Promise<void> {
    const { rows } = await this.client.query<CalledFunction & { oid: string }>(
      `select p.oid::text as oid, p.proname::text as name, n.nspname::text as schema, p.provolatile = 'v' as volatile, p.proleakproof as leakproof from pg_proc p join pg_namespace n on n.oid = p.pronamespace where p.oid = any($1::oid[])`,
      [[...new Set(found.flatMap(({ anatomy }) => [...anatomy.functions]))]]);
    const functions = new Map(rows.map((row) => [row.oid, row]));
    const names = await this.#foreign(found.flatMap(({ anatomy }) => [...anatomy.relations]));
    // A check that nobody wrote is the using again.
    const complaints = found.filter(({ part: { side, policy } }) => side === 'using' || policy.check !== policy.using).flatMap(({ part, tree, anatomy }) => [
      ...lintCondition({ at: part.at, tree, isUsing: part.side === 'using', allow: part.policy.allow ?? [] }, functions),
      ...[...anatomy.relations].flatMap((oid) => this.#judgeRelation(part, oid, names)),
    ]);
    if (complaints.length > 0) throw new TenantryError('input', complaints);
  }

  /** Names of tables that are none of the declared ones, by oid. */
  async #foreign(oids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const others = oids.filter((oid) => !this.oids.includes(oid));
    if (others.length === 0) return new Map();
    const { rows } = await this.client.query<{ oid: string; name: string }>('select oid::text as oid, oid::regclass::text as name from pg_class where oid = any($1::oid[])', [others]);
    return new Map(rows.map(({ oid, name }) => [oid, name]));
  }

  #judgeRelation({ at, policy }: Part, oid: string, foreign: ReadonlyMap<string, string>): Complaint[] {
    const table = this.tables[this.oids.indexOf(oid)];
    if (table === undefined) {
      return [{ code: 'policy/foreign-table', at, problem: `${foreign.get(oid) ?? 'A table'} is none of the declared tables of this place.`, fix: 'Read declared tables, and write their names without a schema: each tenant has its own.' }];
    }
    if (table.tenancy === 'shared') {
      return [{ code: 'policy/shared-table', at, problem: `${table.name} is a shared table, which tenants with a schema or a database of their own cannot reach.`, fix: `Make ${table.name} a reference table, or a tenant table.` }];
    }
    if (!policy.readable.includes(table.name)) {
      return [{ code: 'policy/not-readable', at, problem: `A policy runs with the rights of whoever asks, and not every one of ${identList(policy.roles)} may read ${table.name}: each of their queries would be refused.`, fix: `Give those roles 'read' on ${table.name}.` }];
    }
    return [];
  }
}

/** Policies that read one another's tables in a circle make the server refuse every query of their roles. */
function circlesIn(tables: readonly ShapeTable[]): Complaint[] {
  const byName = new Map(tables.map((table) => [table.name, table]));
  const readsOf = (table: string, role: string): string[] => (byName.get(table)?.policies ?? []).filter((policy) => covers(policy, 'r') && policy.roles.includes(role)).flatMap(({ reads = [] }) => reads);
  const circle = (path: readonly string[], role: string, next: readonly string[]): string[] | undefined => {
    for (const table of next) {
      if (path.includes(table)) return [...path, table];
      const found = circle([...path, table], role, readsOf(table, role));
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return tables.flatMap(({ name, policies = [] }) => policies.flatMap((policy): Complaint[] => {
    const found = policy.roles.map((role) => circle([name], role, policy.reads ?? [])).find((path) => path !== undefined);
    return found === undefined ? [] : [{
      code: 'policy/recursion', at: `tables.${name}.policies.${policy.name}`, problem: `The policy reads a table whose policies come back to where they began: ${found.join(' → ')}. PostgreSQL refuses every query then.`,
      fix: 'Store in the row what the policy has to know, or read a table without such a policy.',
    }];
  }));
}

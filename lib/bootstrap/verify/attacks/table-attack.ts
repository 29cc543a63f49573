import { type Attack, attack, type Expected, type Finding, type TableTarget } from '../attack';
import { Controls, controlsFor } from '../controls';
import { weaknessOf } from '../facts';
import { type Acceptance, type Denial, judge } from '../judge';
import { powersOf } from '../server-facts';
import type { Outcome, ProbeSession } from '../session';
import { TENANT_ID } from '../../../declaration/names';
import { decidedFor } from '../../kinds/business-policy';
import { kindOf } from '../../model/role-kinds';
import { literal } from '../../sql/quote';

export const REFUSED: Denial = { sqlstates: ['42501'] };
export const NOTHING: Denial = { empty: true };
/** Needs a letter that is never granted, so that it is refused to every role. */
export const NEVER = 'D';
/** Whoever holds single columns has none on the system's. */
export const nothingBySystemColumn = ({ access }: TableTarget): Denial => (Array.isArray(access.get('r')) ? { empty: true, sqlstates: ['42501'] } : NOTHING);

export interface Statement {
  readonly id: string;
  readonly title: string;
  readonly why: string;
  /** Letters of the privileges without which the statement is refused as a whole. */
  readonly needs: string | ((target: TableTarget) => string);
  /** Whether it reaches for other tenants' rows, which roles of scope `all` may see by declaration. */
  readonly across: boolean;
  /** What it must end with for a role that has the privileges. */
  readonly denial: Denial | ((target: TableTarget) => Denial);
  /** @default - the own tenant's id */
  readonly context?: (target: TableTarget) => string | undefined;
  readonly inapplicable?: (target: TableTarget) => string | undefined;
  readonly sql: (target: TableTarget) => string;
  readonly alone?: boolean;
  readonly remedy?: (target: TableTarget) => string;
}

const controlled = new WeakMap<TableTarget, Controls>();

/** The controls of a role and a table, shared by all attacks on it. */
export function controlsOf(session: ProbeSession, target: TableTarget): Controls {
  let controls = controlled.get(target);
  if (controls === undefined) controlled.set(target, controls = new Controls(session, target));
  return controls;
}

export const tenantTablesOnly = ({ table }: TableTarget): string | undefined => (table.tenancy === 'tenant' ? undefined : `the rows of a ${table.tenancy} table belong to no tenant`);
export const seesAll = ({ role }: Pick<TableTarget, 'role'>): boolean => role.declaration.scope === 'all' && kindOf(role.declaration) !== 'support';
export const byDeclaration = ({ role }: Pick<TableTarget, 'role'>): Acceptance => (kindOf(role.declaration) === 'backup' ? {
  reason: `The role ${role.name} is declared as a backup, and reads the rows of every tenant.`, remedy: 'Give its login to nothing but the backup, and guard what it writes like the database itself.',
} : {
  reason: `The role ${role.name} is declared with scope 'all' and sees the rows of every tenant.`, remedy: `If it need not, declare roles.${role.name}.scope as 'tenant'.`,
});
export const ofOther = ({ foreign }: TableTarget): string => `${TENANT_ID} = ${literal(foreign)}`;

/** An attack that is one statement, on each tenant table, as each role. */
export function statement(fields: Statement): Attack<'table'> {
  const { id, title, why, denial, needs } = fields;
  return attack<'table'>({
    id, title, why, level: 'table', ...(fields.alone === true ? { alone: true } : {}),
    inapplicable: (target) => tenantTablesOnly(target) ?? fields.inapplicable?.(target),
    expected: (): Expected => ({ verdict: 'denied', ...(typeof denial === 'function' || denial.sqlstates === undefined ? {} : { sqlstates: denial.sqlstates }) }),
    async run(session, target) {
      const outcome = session.attempt({ as: target.role.grantee, context: fields.context === undefined ? target.own : fields.context(target), sql: fields.sql(target) });
      return [await conclude(session, target, await outcome, { denial: typeof denial === 'function' ? denial(target) : denial, needs: typeof needs === 'string' ? needs : needs(target), across: fields.across, ...(fields.remedy === undefined ? {} : { remedy: fields.remedy(target) }) })];
    },
  });
}

export interface Conclusion {
  readonly denial: Denial;
  readonly needs: string;
  readonly across: boolean;
  readonly remedy?: string;
}

export async function conclude(session: ProbeSession, target: TableTarget, outcome: Outcome, { denial, needs, across, remedy }: Conclusion): Promise<Finding> {
  const may = [...needs].every((letter) => target.letters.includes(letter));
  const acceptable = across && may && seesAll(target);
  return explained(target, judge({
    denial: may ? denial : { ...REFUSED, ...(denial.telling === undefined ? {} : { telling: denial.telling }) }, outcome, controls: await controlsOf(session, target).hold(controlsFor(target, needs)),
    ...(acceptable ? { accepted: byDeclaration(target) } : {}), breach: breachOf(target, may && across, remedy), table: target.table.name, role: target.role.grantee,
  }));
}

/** Where policies decide what the role reaches, a row that they hold back proves nothing. */
function explained({ table, role }: TableTarget, finding: Finding): Finding {
  if (finding.verdict !== 'unknown' || decidedFor(table, role.name).length === 0) return finding;
  return { ...finding, remedy: `Give examples to the columns that tables.${table.name}.policies look at, and values to their settings (tables.${table.name}.policies.<policy>.settings), so that its policies let ${role.name} reach the probe rows.` };
}

/** Says why it got through, as far as the catalog tells, and what to do. */
function breachOf(target: TableTarget, across: boolean, remedy?: string): Acceptance {
  const { role, table, facts, place, server, name } = target;
  const powers = powersOf(server.roles.get(role.grantee)).filter((power) => power === 'SUPERUSER' || power === 'BYPASSRLS');
  if (powers.length > 0) return { reason: `The role ${role.grantee} is ${powers.join(' and ')}: row-level security does not hold it back.`, remedy: `As a superuser: alter role "${role.grantee}" ${powers.map((power) => `no${power.toLowerCase()}`).join(' ')}` };
  if (!across) return { reason: `The role ${role.grantee} can do on ${name} what is not declared.`, remedy: remedy ?? 'tenantry bootstrap apply takes back privileges that are not declared.' };
  const weakness = weaknessOf(facts.table(place.schema, table.name), role.grantee, place.floor);
  return {
    reason: `${weakness ?? `The role ${role.grantee} reaches rows of another tenant in ${name}`}.`,
    remedy: weakness === undefined && remedy !== undefined ? remedy : 'tenantry bootstrap apply restores row-level security and its policies.',
  };
}

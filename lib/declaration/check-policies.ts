import type { Complaint } from '../core/errors';
import { listOf, nearest } from '../core/text';
import { checkIdentifier } from './check-identifier';
import type { Declaration, TableDeclaration } from './schema';
import type { PolicyDeclaration } from './schema-access';

/** Names of the library's own policies begin so. */
const RESERVED = 'tenantry_';

/** The rules of policies that can be told without a server. What their expressions do, only a server can tell. */
export function checkPolicies(declaration: Declaration): Complaint[] {
  return [...checkSettings(declaration), ...Object.entries(declaration.tables).flatMap(([tableName, table]) => Object.entries(table.policies ?? {}).flatMap(([name, policy]) => {
    const at = `tables.${tableName}.policies.${name}`;
    return [...checkName(name, at), ...checkTenancy(tableName, table, at), ...checkConditions(policy, at), ...checkRoles(declaration, tableName, policy, at)];
  }))];
}

const SETTING = /^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)+$/;

/** The settings that policies ask for, with their example values. */
export const policySettings = ({ tables }: Declaration): ReadonlyMap<string, string> =>
  new Map(Object.values(tables).flatMap(({ policies = {} }) => Object.values(policies).flatMap(({ settings = {} }) => Object.entries(settings))));

function checkSettings(declaration: Declaration): Complaint[] {
  const all = policySettings(declaration);
  return Object.entries(declaration.tables).flatMap(([tableName, { policies = {} }]) => Object.entries(policies).flatMap(([name, { settings = {} }]) => Object.entries(settings).flatMap(([setting, value]): Complaint[] => {
    const at = `tables.${tableName}.policies.${name}.settings.${setting}`;
    if (!SETTING.test(setting) || setting.startsWith('tenantry.')) {
      return [{ code: 'declaration/policy-setting', at, problem: `${JSON.stringify(setting)} cannot be a setting of the application: its name is lower case, has a point in it, and does not begin with tenantry.`, fix: "For instance 'app.user_id'." }];
    }
    if (all.get(setting) !== value) return [{ code: 'declaration/policy-setting', at, problem: `${JSON.stringify(setting)} has two values, here and in another policy; the verification sets it once.`, fix: 'Give the same value in both.' }];
    return [];
  })));
}

function checkName(name: string, at: string): Complaint[] {
  if (name.startsWith(RESERVED)) return [{ code: 'declaration/reserved-name', at, problem: `${JSON.stringify(name)} begins with ${RESERVED}, as the library's own policies do.`, fix: 'Choose another name.' }];
  return checkIdentifier(name, at, { what: 'the name of a policy' });
}

function checkTenancy(tableName: string, { tenancy }: TableDeclaration, at: string): Complaint[] {
  if (tenancy === 'tenant') return [];
  return [{ code: 'declaration/policy-tenancy', at, problem: `${tableName} is a ${tenancy} table, which has no row-level security: its rows are of no tenant.`, fix: 'Remove the policy, or make it a tenant table.' }];
}

function checkConditions({ for: command, using, check }: PolicyDeclaration, at: string): Complaint[] {
  const complaints: Complaint[] = [];
  if (command === 'insert' && using !== undefined) complaints.push({ code: 'declaration/policy-condition', at: `${at}.using`, problem: 'A row that is inserted was not there before, so there is nothing for using to look at.', fix: 'Write the condition as check.' });
  if (command === 'insert' && check === undefined) complaints.push({ code: 'declaration/policy-condition', at, problem: 'A policy for insert needs a condition on the row that is written, and check is not given.', fix: "Give check; 'true' lets every row of the tenant through." });
  if (command !== 'insert' && using === undefined) complaints.push({ code: 'declaration/policy-condition', at, problem: `A policy for ${command} needs a condition on the rows that are there, and using is not given: nothing would be let through.`, fix: "Give using; 'true' lets every row of the tenant through." });
  if ((command === 'select' || command === 'delete') && check !== undefined) complaints.push({ code: 'declaration/policy-condition', at: `${at}.check`, problem: `A ${command} writes no row, so there is nothing for check to look at.`, fix: 'Write the condition as using.' });
  return complaints;
}

function checkRoles({ roles }: Declaration, tableName: string, { to }: PolicyDeclaration, at: string): Complaint[] {
  return to.flatMap((name, i): Complaint[] => {
    const path = `${at}.to.${i}`;
    const role = roles[name];
    if (role === undefined) {
      const near = nearest(name, Object.keys(roles));
      return [{ code: 'declaration/unknown-role', at: path, problem: `There is no role ${JSON.stringify(name)}; the roles are ${listOf(Object.keys(roles))}.`, ...(near === undefined ? {} : { fix: `Did you mean ${JSON.stringify(near)}?` }) }];
    }
    if (to.indexOf(name) !== i) return [{ code: 'declaration/repeated-role', at: path, problem: `${JSON.stringify(name)} stands here twice.`, fix: 'Remove one.' }];
    if (role.scope === 'all') {
      return [{ code: 'declaration/policy-scope', at: path, problem: `The role ${name} is declared with scope 'all': it reaches the rows of every tenant, and a policy that lets rows through adds nothing.`, fix: `Declare roles.${name}.scope as 'tenant', or leave it out here.` }];
    }
    if (role.tables[tableName] === undefined) {
      return [{ code: 'declaration/policy-without-access', at: path, problem: `The role ${name} has no access to ${tableName}, so there is nothing for the policy to let through.`, fix: `Remove it, or add ${tableName} to roles.${name}.tables.` }];
    }
    return [];
  });
}

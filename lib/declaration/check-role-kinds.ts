import type { Complaint } from '../core/errors';
import { listOf, nearest } from '../core/text';
import { MAX_IDENTIFIER } from './names';
import type { Declaration, RoleDeclaration } from './schema';

/** What a role may declare depends on what it is for. */
export function checkRoleKinds(declaration: Declaration): Complaint[] {
  return [...Object.entries(declaration.roles).flatMap(([name, role]) => checkKind(name, role)), ...checkSupportAccess(declaration)];
}

function checkKind(name: string, role: RoleDeclaration): Complaint[] {
  const { kind = 'application' } = role;
  const at = (property: string): string => `roles.${name}.${property}`;
  const refuse = (property: string, problem: string, fix: string): Complaint => ({ code: 'declaration/role-kind', at: at(property), problem, fix });
  const complaints: Complaint[] = [];
  if (role.maxDuration !== undefined && kind !== 'support') {
    complaints.push(refuse('maxDuration', `maxDuration is the longest time that access to a support role is granted for, and ${name} is of kind ${kind}.`, "Remove it, or set kind to 'support'."));
  }
  if (role.settings !== undefined && role.login === 'none') {
    complaints.push(refuse('settings', `Settings are given to the logins of a role, and ${name} has none.`, "Set login to 'iam' or 'password', or remove the settings."));
  }
  if (kind === 'application') return complaints;
  if (role.scope !== 'all') complaints.push(refuse('scope', `A role of kind ${kind} belongs to no tenant, and scope ${JSON.stringify(role.scope)} is given.`, 'Remove scope.'));
  if (kind === 'support') {
    if (role.login !== 'none') {
      complaints.push(refuse('login', `People use ${name} with logins of their own, so that it is known who did what, and login ${JSON.stringify(role.login)} is given.`, 'Remove login, and grant access to their logins.'));
    }
    return complaints;
  }
  if (Object.keys(role.tables).length > 0) {
    complaints.push(refuse('tables', kind === 'backup' ? `A backup role reads every table, so that none is named.` : `A migrator has no right of its own: it takes on the owner and the maintainer.`, 'Remove tables.'));
  }
  if (role.masked.length > 0) complaints.push(refuse('masked', `Nothing can be masked for a role of kind ${kind}.`, 'Remove masked.'));
  if (kind === 'migrator' && role.login === 'none') complaints.push(refuse('login', 'A migrator is a login, and nothing else.', "Set login to 'iam' or 'password'."));
  return complaints;
}

function checkSupportAccess({ roles, supportAccess = [] }: Declaration): Complaint[] {
  const supports = Object.entries(roles).filter(([, { kind }]) => kind === 'support').map(([name]) => name);
  return supportAccess.flatMap(({ member, role, until }, i): Complaint[] => {
    const at = `supportAccess.${i}`;
    const complaints: Complaint[] = [];
    if (!supports.includes(role)) {
      const near = nearest(role, supports);
      complaints.push({
        code: 'declaration/support-access', at: `${at}.role`,
        problem: `${JSON.stringify(role)} is not a role of kind support${supports.length === 0 ? ', and none is declared' : `; there ${supports.length === 1 ? 'is' : 'are'} ${listOf(supports)}`}.`,
        fix: near === undefined ? "Declare a role with kind 'support'." : `Did you mean ${JSON.stringify(near)}?`,
      });
    }
    if (Buffer.byteLength(member) > MAX_IDENTIFIER) {
      complaints.push({ code: 'declaration/support-access', at: `${at}.member`, problem: `${JSON.stringify(member)} has more than the ${MAX_IDENTIFIER} bytes of a login's name.`, fix: 'Give the name of a login.' });
    }
    if (supportAccess.findIndex((other) => other.member === member && other.role === role && other.until === until) !== i) {
      complaints.push({ code: 'declaration/support-access', at, problem: `The access of ${member} as ${role} until ${until} stands here twice.`, fix: 'Remove one.' });
    }
    return complaints;
  });
}

import type { PlaceRole } from '../model/place';
import { covers, type PolicyLetter } from '../model/policy';
import type { ShapeTable } from '../model/shape';
import type { WantedPolicy } from './policy';

const COMMANDS = { r: 'select', a: 'insert', w: 'update', d: 'delete' } as const satisfies Partial<Record<PolicyLetter, string>>;
type CommandLetter = keyof typeof COMMANDS;
const LETTERS = Object.keys(COMMANDS) as CommandLetter[];

/** Lets roles through to the floor for the one command that none of their policies is about. */
export const accessPolicyFor = (letter: CommandLetter): string => `tenantry_access_${COMMANDS[letter]}`;

/** The commands that declared policies decide about for a role; for the others it reaches every row of its tenant. */
export const decidedFor = (table: ShapeTable, role: string): CommandLetter[] =>
  LETTERS.filter((letter) => (table.policies ?? []).some((policy) => policy.roles.includes(role) && covers(policy, letter)));

/**
 * Puts the declared policies of a table in the place of the one that lets every role through to the floor: for a command that a role has a
 * policy for, its policies decide alone.
 *
 * @param access - the name of that policy
 * @param open - it, for the given roles
 */
export function withBusinessPolicies(base: ReadonlyMap<string, WantedPolicy>, table: ShapeTable, roles: readonly PlaceRole[], access: string, open: (roles: readonly string[]) => WantedPolicy): ReadonlyMap<string, WantedPolicy> {
  const { policies = [] } = table;
  const former = base.get(access);
  if (policies.length === 0 || former === undefined) return base;
  const decided = new Map(roles.filter(({ grantee }) => former.roles.includes(grantee)).map(({ name, grantee }) => [grantee, decidedFor(table, name)]));
  const without = (has: (letters: readonly CommandLetter[]) => boolean): string[] => [...decided].filter(([, letters]) => has(letters)).map(([grantee]) => grantee).sort();
  const undecided = without((letters) => letters.length === 0);
  const wanted = new Map([...base].filter(([name]) => name !== access));
  if (undecided.length > 0) wanted.set(access, open(undecided));
  for (const letter of LETTERS) {
    const others = without((letters) => letters.length > 0 && !letters.includes(letter));
    if (others.length > 0) wanted.set(accessPolicyFor(letter), { permissive: true, command: letter, roles: others, using: letter === 'a' ? null : 'true', check: letter === 'a' || letter === 'w' ? 'true' : null });
  }
  for (const { name, command, roles: to, using = null, check = null, columnless } of policies) {
    const grantees = roles.filter((role) => to.includes(role.name)).map(({ grantee }) => grantee).sort();
    if (grantees.length > 0) wanted.set(name, { permissive: true, command, roles: grantees, using, check, ...(columnless === true ? { columnless } : {}) });
  }
  return wanted;
}

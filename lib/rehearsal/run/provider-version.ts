import { type Complaint } from '../../core/errors';

/** https://developer.hashicorp.com/terraform/language/expressions/version-constraints */
const CONDITION = /^(=|!=|>=|<=|>|<|~>)?\s*v?(\d+(?:\.\d+){0,2})$/;

/** Whether a version fulfils a constraint such as `~> 6.0, != 6.3.0`; undefined where the constraint is not understood. */
export function fulfils(version: string, constraint: string): boolean | undefined {
  const verdicts = constraint.split(',').map((part) => {
    const [, operator = '=', wanted] = CONDITION.exec(part.trim()) ?? [];
    return wanted === undefined ? undefined : holds(version, operator, wanted);
  });
  return verdicts.includes(undefined) ? undefined : !verdicts.includes(false);
}

function holds(version: string, operator: string, wanted: string): boolean {
  const order = compare(version, wanted);
  if (operator === '~>') {
    // The last part may rise, and nothing before it.
    const fixed = wanted.split('.').slice(0, -1);
    return order >= 0 && version.split('.').slice(0, fixed.length).join('.') === fixed.join('.');
  }
  return { '=': order === 0, '!=': order !== 0, '>': order > 0, '>=': order >= 0, '<': order < 0, '<=': order <= 0 }[operator] === true;
}

function compare(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => text.split('.').map(Number)) as [number[], number[]];
  for (let i = 0; i < 3; i++) if ((left[i] ?? 0) !== (right[i] ?? 0)) return (left[i] ?? 0) - (right[i] ?? 0);
  return 0;
}

/** A stack that asks for another version than the bindings describe would be rehearsed against the wrong arguments. */
export function versionComplaint(stack: string, address: string, constraint: string | undefined, version: string): Complaint | undefined {
  if (constraint === undefined || fulfils(version, constraint) !== false) return undefined;
  return {
    code: 'rehearsal/version', at: stack, problem: `The stack asks for ${address.replace('registry.terraform.io/', '')} ${JSON.stringify(constraint)}, and the installed bindings describe ${version}: the rehearsal would check it against another version's arguments.`,
    fix: 'Install the bindings of that version, or ask for the version that they describe.',
  };
}

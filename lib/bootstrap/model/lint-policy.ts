import type { Complaint } from '../../core/errors';
import type { PolicyRule } from '../../declaration/types-access';
import { constantText, isNode, nodesIn, nodesOf, textOf, type TreeNode } from './node-tree';

/** A function that a condition calls, also behind an operator. */
export interface CalledFunction {
  readonly name: string;
  readonly schema: string;
  readonly volatile: boolean;
  readonly leakproof: boolean;
}

/** A condition as the server parsed it. */
export interface Condition {
  /** For instance `tables.orders.policies.own.using`. */
  readonly at: string;
  readonly tree: TreeNode;
  /** Of rows that are there. A check is evaluated once for each row that is written, so that no index matters. */
  readonly isUsing: boolean;
  readonly allow: readonly string[];
}

/** What is said of a condition as a whole. */
export interface Anatomy {
  /** Oids of the functions that it calls, and of the tables that its sub-selects read. */
  readonly functions: ReadonlySet<string>;
  readonly relations: ReadonlySet<string>;
  /** Whether it looks at the row. */
  readonly namesColumn: boolean;
  readonly isConstant: boolean;
}

const FORBIDDEN: Readonly<Record<string, string>> = {
  set_config: 'it changes a setting while rows are read, and the tenant context is a setting',
  row_security_active: 'whether row-level security holds is not for a policy to ask',
};
const ANY_SUBLINK = new Set(['1', '2']);
const FUNCTION_FIELDS = ['funcid', 'opfuncid'];
/** A cast that was written, and one that the server added to make types fit. */
const CAST_FORMATS = new Set(['1', '2']);

export function anatomyOf(tree: TreeNode): Anatomy {
  const functions = new Set<string>();
  const relations = new Set<string>();
  let namesColumn = false;
  visit(tree, (node, depth) => {
    for (const field of FUNCTION_FIELDS) if (textOf(node, field) !== '') functions.add(textOf(node, field));
    if (node.type === 'RANGETBLENTRY' || node.type === 'RTE') {
      const relation = textOf(node, 'relid');
      if (relation !== '' && relation !== '0') relations.add(relation);
    }
    if (isOwnColumn(node, depth)) namesColumn = true;
  });
  return { functions, relations, namesColumn, isConstant: tree.type === 'CONST' };
}

/** What is wrong with the shape of a condition, each with the way to write it instead. */
export function lintCondition(condition: Condition, functions: ReadonlyMap<string, CalledFunction>): Complaint[] {
  const { at, tree, isUsing, allow } = condition;
  const found = new Map<string, Complaint>();
  const complain = (code: PolicyRule | 'policy/forbidden-function' | 'policy/leakproof', problem: string, fix: string): void => {
    if (!allow.includes(code)) found.set(`${code} ${problem}`, { code, at, problem, fix });
  };
  visit(tree, (node, depth) => {
    const called = functions.get(textOf(node, 'funcid')) ?? functions.get(textOf(node, 'opfuncid'));
    if (called !== undefined) complainOfFunction(node, called, complain);
    if (!isUsing) return;
    if (called?.volatile === true && depth === 0) {
      complain('policy/volatile', `${nameOf(called)} is VOLATILE: it is called for each row, and no index serves the condition (0.05 ms became 476 ms where it decided among 1,000,000 rows).`,
        `Make the function STABLE, where it is, or write (select ${nameOf(called)}(…)), which is evaluated once.`);
    }
    if (isCastOfColumn(node, depth)) {
      complain('policy/cast-on-column', 'A column is cast to another type, so that no index on it serves the condition (0.05 ms became 173 ms among 1,000,000 rows).', "Cast the other side to the column's type: column = (select …)::type.");
    }
    if (node.type === 'BOOLEXPR' && textOf(node, 'boolop') === 'or' && depth === 0) {
      const arms = nodesOf(node, 'args').map((arm) => namesOwnColumn(arm));
      if (arms.includes(true) && arms.includes(false)) {
        complain('policy/or', 'OR joins a condition on the row with one that says nothing of the row, so that no index serves either (0.05 ms became 59 to 112 ms among 1,000,000 rows).',
          'Write two policies: they add up. What lets some people through to all rows is a policy of its own, for a role of theirs.');
      }
    }
    if (node.type !== 'SUBLINK') return;
    if (nodesOf(node, 'subselect').some((query) => namesOwnColumn(query, depth))) {
      complain('policy/correlated', 'A sub-select looks at the row, so that it runs again for each one (0.05 ms became 132 ms among 1,000,000 rows).', 'Turn it around: column = any (array(select … )), with nothing of the row inside the sub-select.');
    } else if (ANY_SUBLINK.has(textOf(node, 'subLinkType'))) {
      complain('policy/in-select', 'IN (select …) reads every row and looks each up (82 ms, where = any (array(select …)) took 0.13 ms, among 1,000,000 rows).', 'Write column = any (array(select …)), and for NOT IN column <> all (array(select …)).');
    }
  });
  return [...found.values()];
}

const nameOf = ({ schema, name }: CalledFunction): string => (schema === 'pg_catalog' ? name : `${schema}.${name}`);

function complainOfFunction(node: TreeNode, called: CalledFunction, complain: (code: 'policy/forbidden-function' | 'policy/leakproof', problem: string, fix: string) => void): void {
  const { name, schema, leakproof } = called;
  if (schema !== 'pg_catalog') {
    if (leakproof) complain('policy/leakproof', `${nameOf(called)} is LEAKPROOF: the server may evaluate it before the floor, on rows of other tenants.`, `As a superuser: alter function ${nameOf(called)} not leakproof`);
    return;
  }
  const why = FORBIDDEN[name];
  if (why !== undefined) complain('policy/forbidden-function', `${name} may not stand in a policy: ${why}.`, 'Remove it.');
  const asksSwitch = name === 'current_setting' && nodesOf(node, 'args').slice(0, 1).some((argument) => constantText(argument)?.toLowerCase() === 'row_security');
  if (asksSwitch) complain('policy/forbidden-function', `A policy may not ask for the setting row_security: ${FORBIDDEN['row_security_active']}.`, 'Remove it.');
}

/** A column of the row that the policy is about, seen from a query that lies so many queries deep. */
const isOwnColumn = (node: TreeNode, depth: number): boolean => node.type === 'VAR' && textOf(node, 'varlevelsup') === String(depth);

function isCastOfColumn(node: TreeNode, depth: number): boolean {
  const isCast = node.type === 'COERCEVIAIO' || node.type === 'ARRAYCOERCEEXPR' || (node.type === 'FUNCEXPR' && CAST_FORMATS.has(textOf(node, 'funcformat')));
  return isCast && [...nodesOf(node, 'arg'), ...nodesOf(node, 'args').slice(0, 1)].some((operand) => isOwnColumn(unlabelled(operand), depth));
}

/** Below types that are stored alike, which costs nothing. */
function unlabelled(node: TreeNode): TreeNode {
  const [inner] = nodesOf(node, 'arg');
  return node.type === 'RELABELTYPE' && inner !== undefined ? unlabelled(inner) : node;
}

function namesOwnColumn(tree: TreeNode, depth = 0): boolean {
  let names = false;
  visit(tree, (node, at) => {
    if (isOwnColumn(node, at)) names = true;
  }, depth);
  return names;
}

/** Visits every node with the number of queries that it lies in. */
function visit(node: TreeNode, use: (node: TreeNode, depth: number) => void, depth = 0): void {
  const at = node.type === 'QUERY' ? depth + 1 : depth;
  use(node, at);
  for (const values of node.fields.values()) for (const child of nodesIn(values)) if (isNode(child)) visit(child, use, at);
}

/** A node of PostgreSQL's own parse tree, as `pg_node_tree` prints it: functions and operators are resolved, and every cast is there. */
export interface TreeNode {
  readonly type: string;
  readonly fields: ReadonlyMap<string, readonly TreeValue[]>;
}

export type TreeValue = TreeNode | readonly TreeValue[] | string;

export const isNode = (value: TreeValue | undefined): value is TreeNode => typeof value === 'object' && 'fields' in value;

/** The field's only value, where that is text. */
export const textOf = (node: TreeNode, field: string): string => {
  const [value] = node.fields.get(field) ?? [];
  return typeof value === 'string' ? value : '';
};

/** Nodes directly below a value. */
export function nodesIn(values: readonly TreeValue[]): TreeNode[] {
  return values.flatMap((value) => (typeof value === 'string' ? [] : isNode(value) ? [value] : nodesIn(value)));
}

export const nodesOf = (node: TreeNode, field: string): TreeNode[] => nodesIn(node.fields.get(field) ?? []);

/**
 * Reads a tree. Which fields a node has depends on the version; their form does not.
 *
 * @throws Error for what is no tree
 */
export function parseTree(text: string): TreeNode {
  const tokens = text.match(/(?:\\[\s\S]|[^\s(){}\\"])+|"(?:\\[\s\S]|[^"\\])*"|[(){}]/g) ?? [];
  let next = 0;
  const take = (): string => {
    const token = tokens[next++];
    if (token === undefined) throw new Error('The tree ends early');
    return token;
  };
  const value = (): TreeValue => {
    const token = take();
    if (token === '{') return node();
    if (token !== '(') return token;
    const list: TreeValue[] = [];
    while (tokens[next] !== ')') list.push(value());
    next++;
    return list;
  };
  const node = (): TreeNode => {
    const type = take();
    const fields = new Map<string, TreeValue[]>();
    while (tokens[next] !== '}') {
      // The first token behind a field's name is its value, whatever it looks like: a name may begin with a colon.
      const values: TreeValue[] = [];
      const name = take().slice(1);
      do values.push(value()); while (tokens[next] !== '}' && tokens[next]?.startsWith(':') !== true);
      fields.set(name, values);
    }
    next++;
    return { type, fields };
  };
  const tree = value();
  if (!isNode(tree) || next !== tokens.length) throw new Error('Not one tree');
  return tree;
}

/** The text of a constant, where it is one of type text. */
export function constantText(node: TreeNode): string | undefined {
  if (node.type !== 'CONST' || textOf(node, 'consttype') !== '25') return undefined;
  const bytes = (node.fields.get('constvalue') ?? []).filter((byte): byte is string => typeof byte === 'string').slice(2, -1).map((byte) => Number(byte) & 0xff);
  return Buffer.from(bytes).subarray(4).toString();
}

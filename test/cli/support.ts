import { run } from '../../lib/cli/program';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command line as a user would, off a terminal unless said otherwise. */
export async function tenantry(args: readonly string[], { isTTY = false, env = {} }: { readonly isTTY?: boolean; readonly env?: NodeJS.ProcessEnv } = {}): Promise<Ran> {
  let out = '';
  let err = '';
  const code = await run(args, { out: { write: (text) => (out += text), isTTY }, err: { write: (text) => (err += text), isTTY }, env });
  return { code, out, err };
}

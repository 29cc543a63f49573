/** Folders and variables in which `cdktf` or Terraform deploys. */
export interface Workplace {
  /** The synthesized stacks, as the target needs them. */
  readonly output: string;
  /** What the programs find in their environment. */
  readonly variables: Readonly<Record<string, string>>;
  /** What the deployment has made and what is still there, asked of the target itself, not of Terraform's state. */
  objects(): Promise<readonly string[]>;
}

/** Something to deploy to. */
export interface Target {
  readonly name: string;
  /** Why it cannot be used here; undefined when it can. */
  readonly missing: string | undefined;
  /** Number of the AWS account. */
  readonly account: string;
  /** Whether a PostgreSQL of this machine stands in for the deployed database, which nobody can reach. */
  readonly localDatabase: boolean;
  /**
   * @param synthesized - is left as it is
   * @param folder - for everything that the deployment writes
   */
  prepare(synthesized: string, folder: string, platform: string): Promise<Workplace>;
}

const TARGETS = ['rehearsal', 'emulator', 'account'] as const;
const chosen = process.env['TENANTRY_TARGET'] ?? 'rehearsal';
if (!TARGETS.some((name) => name === chosen)) throw new Error(`TENANTRY_TARGET is ${JSON.stringify(chosen)}; it is one of ${TARGETS.join(', ')}.`);

/** Why a target is not used in this run, if so. */
export const notChosen = (name: (typeof TARGETS)[number]): string | undefined => (name === chosen ? undefined : `TENANTRY_TARGET is not ${name}`);

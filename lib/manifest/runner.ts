import { z } from 'zod';

export const RUNNER_FORMAT = 'tenantry/runner@1';

const text = z.string().min(1);

const common = {
  format: z.literal(RUNNER_FORMAT),
  /** What `--runner` is given. */
  name: text,
  /** Name of the declaration that it bootstraps. */
  declaration: text,
  region: text,
  /** Where the log goes, in streams that begin with `logStreamPrefix`. */
  logGroup: text,
  logStreamPrefix: text,
  /** Whoever started a run stops it after so many seconds. */
  timeoutSeconds: z.number().int().positive(),
};

/** What has to be known of a `BootstrapRunner` to start it: addresses alone, nothing secret. */
export const runnerSchema = z.discriminatedUnion('compute', [
  z.object({
    ...common,
    compute: z.literal('fargate'),
    cluster: text,
    taskDefinition: text,
    container: text,
    subnets: z.array(text).min(1),
    securityGroup: text,
  }),
  z.object({ ...common, compute: z.literal('codebuild'), project: text }),
]);

export type RunnerDescription = Readonly<z.output<typeof runnerSchema>>;
export type FargateRunner = Extract<RunnerDescription, { compute: 'fargate' }>;
export type CodeBuildRunner = Extract<RunnerDescription, { compute: 'codebuild' }>;

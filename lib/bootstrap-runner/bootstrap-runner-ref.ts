import type { IConstruct } from 'constructs';

/** Runs `tenantry bootstrap` in the network of a database. */
export interface IBootstrapRunner extends IConstruct {
  /** What `--runner` is given together with the outputs. */
  readonly runnerName: string;
  /** Parameter that describes it: `--runner ssm:<this>`. */
  readonly parameterName: string;
  readonly securityGroupId: string;
  /** Policy that allows to start it, to follow its log and to stop it, and nothing else; for the role of a pipeline. */
  readonly startPolicyArn: string;
}

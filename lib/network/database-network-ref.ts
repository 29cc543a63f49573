import type { IConstruct } from 'constructs';

/** Where databases live: subnets without a way to the internet, and a security group that admits named sources only. */
export interface IDatabaseNetwork extends IConstruct {
  readonly vpcId: string;
  /** Subnet group that RDS places instances in. */
  readonly subnetGroupName: string;
  readonly subnetIds: readonly string[];
  /** Availability zones of the subnets; the writer's first. */
  readonly zones: readonly string[];
  /** Security group of the databases. */
  readonly securityGroupId: string;
  /** Security group whose members may connect to the databases. */
  readonly clientSecurityGroupId: string;
  /** Port that the security group admits. */
  readonly port: number;
}

/** Whatever is left out throws as soon as it is read. */
export interface DatabaseNetworkAttributes {
  readonly vpcId?: string;
  readonly subnetGroupName?: string;
  readonly subnetIds?: readonly string[];
  readonly zones?: readonly string[];
  readonly securityGroupId?: string;
  readonly clientSecurityGroupId?: string;
  /** @default 5432 */
  readonly port?: number;
}

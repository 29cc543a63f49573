import type { IConstruct } from 'constructs';
import type { EndpointService } from './endpoints';

/** Where databases live: subnets without a way to the internet, and a security group that admits named sources only. */
export interface IDatabaseNetwork extends IConstruct {
  readonly vpcId: string;
  /** Subnet group that RDS places instances in. */
  readonly subnetGroupName: string;
  readonly subnetIds: readonly string[];
  /** Availability zones of the subnets; the writer's first. */
  readonly zones: readonly string[];
  /** Security group of all databases that are open to whom the network admits. */
  readonly securityGroupId: string;
  /** Security group whose members may connect to all of them. */
  readonly clientSecurityGroupId: string;
  /** Port that the security group admits. */
  readonly port: number;
  /** Security group of the private endpoints. */
  readonly endpointSecurityGroupId: string;
  /** What security groups name the gateway of S3 by. */
  readonly s3PrefixListId: string;
  /** Services with a private endpoint besides S3; undefined where that is not known. */
  readonly endpoints: readonly EndpointService[] | undefined;
  /** The way from inside to services of AWS, as far as it is known; reading it never throws. */
  readonly services: NetworkServices;
}

/** The way from inside to services of AWS. */
export interface NetworkServices {
  /** Security group of the private endpoints. @default - not known: who needs them is let out by other means */
  readonly securityGroupId?: string;
  /** What security groups name the gateway of S3 by. @default - not known */
  readonly s3PrefixListId?: string;
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
  readonly endpointSecurityGroupId?: string;
  readonly s3PrefixListId?: string;
  /** @default - not known, and not checked */
  readonly endpoints?: readonly EndpointService[];
}

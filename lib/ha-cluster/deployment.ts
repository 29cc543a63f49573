import type { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import type { DbInstance } from '@cdktf/provider-aws/lib/db-instance';
import type { IamRolePolicyAttachment } from '@cdktf/provider-aws/lib/iam-role-policy-attachment';
import type { RdsCluster } from '@cdktf/provider-aws/lib/rds-cluster';
import type { RdsClusterInstance } from '@cdktf/provider-aws/lib/rds-cluster-instance';
import type { ITerraformDependable } from 'cdktf';
import type { Construct } from 'constructs';
import type { BlindSpot } from '../construct/blind-spot';
import type { DatabaseEngine } from '../engine/engine';
import type { Profile } from '../environment/profile';

/** Everything that a topology needs to make its resources, whatever they are. */
export interface DeploymentContext {
  /** The cluster, whose children the resources become. */
  readonly scope: Construct;
  readonly identifier: string;
  readonly engine: DatabaseEngine;
  readonly profile: Profile;
  readonly zones: readonly string[];
  readonly port: number;
  readonly subnetGroupName: string;
  readonly securityGroupIds: readonly string[];
  readonly keyArn: string;
  readonly masterUsername: string;
  readonly backupRetentionDays: number;
  readonly parameterGroupName: string;
  readonly logGroups: readonly CloudwatchLogGroup[];
  readonly monitoring: { readonly seconds: number; readonly roleArn: string; readonly attachment: IamRolePolicyAttachment };
  readonly windows: { readonly maintenance: string; readonly backup: string };
  readonly allowMajorVersionUpgrade: boolean;
  readonly snapshotIdentifier?: string;
  /** Whether the classes can have query statistics: some small ones cannot. */
  readonly insights: boolean;
}

/** What a topology became. */
export interface Deployment {
  /** The main resource. */
  readonly resource: RdsCluster | DbInstance;
  readonly arn: string;
  readonly resourceId: string;
  readonly endpointAddress: string;
  readonly readerEndpointAddress: string;
  readonly masterSecretArn: string;
  /** Identifiers of the declared instances. */
  readonly instanceIdentifiers: readonly string[];
  /** The resource and its instances: what has events. */
  readonly watched: readonly ITerraformDependable[];
  /** Addresses of endpoints of their own, by name. */
  readonly endpoints: ReadonlyMap<string, string>;
  /** Of Aurora: what readers are added to. */
  readonly aurora?: { readonly cluster: RdsCluster; readonly instances: readonly RdsClusterInstance[] };
  readonly blindSpots: readonly BlindSpot[];
}

/** From here Database Insights is of the advanced kind, which needs exactly this much. Source: AWS, Database Insights. */
const ADVANCED_INSIGHTS_DAYS = 465;

export const insightsOf = ({ profile, keyArn, insights }: DeploymentContext) => (insights ? {
  databaseInsightsMode: profile.insightsDays >= ADVANCED_INSIGHTS_DAYS ? 'advanced' : 'standard',
  performanceInsightsEnabled: true,
  performanceInsightsKmsKeyId: keyArn,
  performanceInsightsRetentionPeriod: profile.insightsDays,
} : {});

export const protectionOf = ({ profile, identifier }: DeploymentContext) => ({
  deletionProtection: profile.deletionProtection,
  skipFinalSnapshot: !profile.finalSnapshot,
  // Always there: it must lie in the state before a destroy can use it.
  finalSnapshotIdentifier: `${identifier}-final`,
  deleteAutomatedBackups: !profile.keepAutomatedBackups,
  copyTagsToSnapshot: true,
} as const);

/**
 * An upgrade to another major version begins with its apply: while it waited for the maintenance window, the parameter group of the old version would still be used,
 * and Terraform would fail to delete it.
 */
export const appliesAtOnce = ({ profile, allowMajorVersionUpgrade }: DeploymentContext): boolean => !profile.changesWait || allowMajorVersionUpgrade;

/** RDS upgrades an engine past its end of support by itself, instead of charging for longer support. */
export const NO_EXTENDED_SUPPORT = 'open-source-rds-extended-support-disabled';

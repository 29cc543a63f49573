/** What stands in a declaration for how a database is spread. */
export type ClusterKind = 'aurora' | 'multi-az-cluster' | 'multi-az-instance' | 'single';

/** One instance, or all of a Multi-AZ DB cluster, whose instances AWS changes as one. */
export interface ClusterMember {
  /** Of the resource in Terraform. */
  readonly address: string;
  readonly identifier: string;
  readonly instanceClass: string;
  /** Class that it gets. @default - none yet, or the one that it has */
  readonly becomes?: string;
  /** Of Aurora: the lower, the sooner it becomes the writer. */
  readonly promotionTier: number;
  /** Whether it is the writer. @default - not known: only a plan that has read the cluster knows */
  readonly writer?: boolean;
}

/** What is known of a database for explaining a change of its instances. */
export interface ExplainedCluster {
  /** The stack that it is declared in. @default - not known, as of a plan */
  readonly stack?: string;
  /** Folder to run Terraform in. @default - where it was run for the plan */
  readonly folder?: string;
  /** Construct path where it is known, else the identifier. */
  readonly name: string;
  readonly identifier: string;
  readonly kind: ClusterKind;
  /** Whether a proxy stands in front. */
  readonly pooled: boolean;
  /** Whether AWS adds readers by itself. */
  readonly autoscaled: boolean;
  /** Whether AWS begins with a change at once, or in the maintenance window. */
  readonly atOnce: boolean;
  /** Whether instances of Aurora depend on each other in Terraform, so that `-target` of one takes others along. */
  readonly chained: boolean;
  /** As AWS writes it. @default - AWS's choice */
  readonly maintenanceWindow?: string;
  readonly members: readonly ClusterMember[];
}

export const SERVERLESS = 'db.serverless';

import type { MaintenanceWindow } from '../alerting/maintenance-window';
import type { Duration } from '../core/duration';
import type { IEncryptionKey } from '../encryption/encryption-key-ref';
import type { CapacityTarget } from '../engine/capacity-target';
import type { DatabaseEngine } from '../engine/engine';
import type { TlsVersion } from '../engine/engine-definition';
import type { ParameterValues } from '../engine/parameters/value';
import type { IDatabaseNetwork } from '../network/database-network-ref';
import type { NetworkSource } from '../network/source';
import type { MonitoringProps } from './monitoring';
import type { HaClusterObjectives } from './objectives';
import type { ScalingProps } from './scaling';
import type { Topology } from './topology';

export interface HaClusterProps extends MonitoringProps {
  /** Where the instances lie. Its zones have to be known by name: instances are spread over them, and named after them. */
  readonly network: IDatabaseNetwork;
  /** For instance `Engine.auroraPostgresql('17')`. */
  readonly engine: DatabaseEngine;
  /**
   * How the instances are spread, and how large they are.
   *
   * @default - Aurora with one reader in another zone, in development none, serverless in the range of the environment; engines of RDS need one
   */
  readonly topology?: Topology;
  /** @default - those of the environment */
  readonly objectives?: HaClusterObjectives;
  /**
   * What it must hold at the end of its planned growth; a topology that cannot is refused, with the figure that fails.
   *
   * @default - not checked
   */
  readonly target?: CapacityTarget;
  /**
   * Readers of Aurora that come and go with the load.
   *
   * @default - the readers of the topology alone
   */
  readonly scaling?: ScalingProps;
  /**
   * Encrypts storage, backups, master secret, logs and query statistics. It cannot be changed later.
   *
   * @default - the key of the stack, made once
   */
  readonly encryptionKey?: IEncryptionKey;
  /**
   * How far automated backups reach back, 1 to 35 days.
   *
   * @default - 35 days in production, 14 in staging, 7 in development
   */
  readonly backupRetention?: Duration;
  /**
   * When AWS may maintain it, weekly and in UTC. Alarms that maintenance raises by its nature are quiet meanwhile.
   *
   * @default - Sunday from 3 to 4 in the morning at the place of the region
   */
  readonly maintenanceWindow?: MaintenanceWindow;
  /**
   * When the daily backup is taken, in UTC: `01:00-02:00`. It must not overlap the maintenance window.
   *
   * @default - from 1 to 2 in the morning at the place of the region
   */
  readonly backupWindow?: string;
  /**
   * Connections with less are refused.
   *
   * @default '1.3'
   */
  readonly minimumTls?: TlsVersion;
  /**
   * Settings of the parameter group besides those of the engine's template, each of the type and in the range that the engine's catalogue says. A dynamic
   * one applies at once, a static one at the next restart.
   *
   * @default - the template alone
   */
  readonly parameters?: ParameterValues;
  /**
   * Where the databases listen, 1150 to 65535. Whom the network admits to all its databases is admitted on the network's port alone.
   *
   * @default - that of the network; 3306 for MySQL
   */
  readonly port?: number;
  /**
   * Who may connect besides the members of `clientSecurityGroupId`, by a name that stays.
   *
   * @default - nobody else
   */
  readonly sources?: Readonly<Record<string, NetworkSource>>;
  /**
   * Whether they may connect, too, whom the network admits to all its databases: its `sources`, and the members of its clients' group. The cluster of one tenant
   * says no.
   *
   * @default - yes, where the cluster listens on the network's port; on another one (as MySQL does in a network of PostgreSQL) no, with a warning
   */
  readonly admitsNetwork?: boolean;
  /**
   * Name of the first login; AWS makes its password and keeps it in Secrets Manager.
   *
   * @default 'tenantry_admin'
   */
  readonly masterUsername?: string;
  /**
   * Name in AWS. It cannot be changed later.
   *
   * @default - platform, environment, layer and ids of the constructs
   */
  readonly clusterIdentifier?: string;
  /**
   * Whether a plan may raise the major version in place, which takes the cluster down for minutes: it begins with the apply, in production too. Name the minor version
   * as well: a major one alone stands for the one that AWS prefers, which not every version can be upgraded to. Take it back afterwards.
   *
   * @default false
   */
  readonly allowMajorVersionUpgrade?: boolean;
  /**
   * Snapshot that the cluster is made from, with the first login that it has (`masterUsername`). It is read once: a later change is ignored. An instance of RDS keeps the
   * key of its snapshot, so that it has to be copied with `encryptionKey` first, or the next plan would replace the instance. A cluster gets IAM authentication and query
   * statistics with the second apply: the provider leaves them out of the first. A Multi-AZ DB cluster cannot be made from one.
   *
   * @default - the cluster begins empty
   */
  readonly snapshotIdentifier?: string;
}

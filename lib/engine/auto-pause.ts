import { isUnknown, toBoolean } from './parameters/value';

/** What is attached to a cluster, as far as it keeps serverless instances awake. What is left out is not there. */
export interface PauseContext {
  /** Whether an RDS Proxy (`ConnectionPool`) stands in front. */
  readonly proxy?: boolean;
  /** Whether changes flow to another service by a zero-ETL integration. */
  readonly zeroEtl?: boolean;
  /** Its role in a global database. */
  readonly globalCluster?: 'primary' | 'secondary';
  /** Settings of the parameter group, by name. */
  readonly parameters?: Readonly<Record<string, string | number | boolean>>;
}

export interface PauseBlocker {
  /** For people: `an RDS Proxy`. */
  readonly blocker: string;
  readonly because: string;
  /** What to do so that instances pause. */
  readonly remedy: string;
}

/** Whether a setting is given, and known at synthesis. */
const given = (value: string | number | boolean | undefined): value is string | number | boolean => value !== undefined && !isUnknown(value);

/**
 * Everything attached that keeps the writer, and readers of the promotion tiers 0 and 1, from pausing. AWS accepts the combination without an error. Open connections
 * of users keep an instance awake too, those of an application's pool that sits idle included.
 *
 * Source: AWS, Aurora user guide, Situations where Aurora serverless does not auto-pause.
 */
export function pauseBlockers({ proxy, zeroEtl, globalCluster, parameters = {} }: PauseContext): PauseBlocker[] {
  const { 'rds.logical_replication': logical, binlog_format: binlog } = parameters;
  return [
    ...(proxy === true ? [{ blocker: 'the RDS Proxy', because: 'it keeps a connection open to every instance', remedy: 'Take the ConnectionPool away' }] : []),
    ...(given(logical) && toBoolean(logical) === true ? [{ blocker: 'logical replication', because: `rds.logical_replication is ${JSON.stringify(logical)}, and its connection is checked all the time`, remedy: 'Take rds.logical_replication out of the parameters' }] : []),
    ...(given(binlog) && !/^off$/i.test(String(binlog)) ? [{ blocker: 'binary log replication', because: `binlog_format is ${JSON.stringify(binlog)}`, remedy: "Give parameters: { binlog_format: 'OFF' }" }] : []),
    ...(zeroEtl === true ? [{ blocker: 'the zero-ETL integration', because: 'it reads the changes of the writer', remedy: 'Take the integration away' }] : []),
    ...(globalCluster === undefined ? [] : [{ blocker: 'the global database', because: `the ${globalCluster} cluster has to follow the others`, remedy: 'Take the cluster out of the global database' }]),
  ];
}

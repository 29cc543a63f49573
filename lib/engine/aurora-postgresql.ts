import { NEXT_MINOR_RELEASES } from '../core/postgresql-versions';
import type { EngineDefinition, EngineVersionDefinition } from './engine-definition';
import { POSTGRESQL_PARAMETERS } from './parameters/postgresql';
import { POSTGRESQL_FIXED, postgresqlTemplate } from './templates';

const version = (major: string, latestMinor: string, endOfSupport: string): EngineVersionDefinition => ({
  parameterGroupFamily: `aurora-postgresql${major}`,
  parameters: postgresqlTemplate(Number(major)),
  logExports: ['iam-db-auth-error', 'postgresql'],
  lifecycle: { latestMinor, knownUntil: NEXT_MINOR_RELEASES, endOfSupport },
});

/** Names that RDS and Aurora keep for themselves on PostgreSQL, and ours. */
export const POSTGRESQL_RESERVED = ['admin', 'postgres', 'rdsadmin', 'rdsproxyadmin', 'rdsrepladmin', 'rdstopmgr', 'rds_superuser', 'rds_iam', 'tenantry'];

/**
 * Sources, of AWS: the parameters from Aurora PostgreSQL parameters; the log exports from CreateDBCluster, EnableCloudwatchLogsExports; the minor
 * versions from the Aurora user guide of October 2026 (aurora_stat_resource_usage lists 17.11, 16.15 and 15.19; 18.6, which is inferred, is PostgreSQL's of the same release); the end of
 * standard support from the Aurora PostgreSQL release calendar, read on 22 August 2026. Aurora has PostgreSQL's numbers since 13.3 (aurora_version), so that
 * PostgreSQL's flaws are known by them.
 */
export const AURORA_POSTGRESQL: EngineDefinition = {
  name: 'aurora-postgresql',
  label: 'Aurora PostgreSQL',
  language: 'postgresql',
  storage: 'aurora',
  iamAuthentication: true,
  defaultPort: 5432,
  numbering: 'postgresql',
  reservedUsernames: POSTGRESQL_RESERVED,
  tls: { parameter: 'ssl_min_protocol_version', values: { '1.2': 'TLSv1.2', '1.3': 'TLSv1.3' } },
  fixedParameters: POSTGRESQL_FIXED,
  slowStatement: { parameter: 'log_min_duration_statement', unit: 'ms' },
  parameterCatalogue: POSTGRESQL_PARAMETERS,
  versions: { 15: version('15', '15.19', '2028-02-29'), 16: version('16', '16.15', '2029-02-28'), 17: version('17', '17.11', '2030-02-28'), 18: version('18', '18.6', '2031-02-28') },
};

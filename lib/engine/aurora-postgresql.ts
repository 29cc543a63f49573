import { NEXT_MINOR_RELEASES } from '../core/postgresql-versions';
import type { EngineDefinition, EngineParameter, EngineVersionDefinition } from './engine-definition';

const dynamic = (name: string, value: string): EngineParameter => ({ name, value, applyMethod: 'immediate' });

const PARAMETERS: readonly EngineParameter[] = [
  dynamic('log_connections', '1'),
  dynamic('log_disconnections', '1'),
  dynamic('password_encryption', 'scram-sha-256'),
  dynamic('rds.accepted_password_auth_method', 'scram'),
  dynamic('rds.force_ssl', '1'),
];

const version = (major: string, latestMinor: string, endOfSupport: string): EngineVersionDefinition => ({
  parameterGroupFamily: `aurora-postgresql${major}`,
  parameters: PARAMETERS,
  logExports: ['iam-db-auth-error', 'postgresql'],
  lifecycle: { latestMinor, knownUntil: NEXT_MINOR_RELEASES, endOfSupport },
});

/**
 * Sources, of AWS: the parameters from Aurora PostgreSQL parameters; the log exports from CreateDBCluster, EnableCloudwatchLogsExports; the minor
 * versions from the Aurora user guide of October 2026 (aurora_stat_resource_usage lists 17.11, 16.15 and 15.19); the end of standard support
 * from the Aurora PostgreSQL release calendar. Aurora has PostgreSQL's numbers since 13.3 (aurora_version), so that PostgreSQL's flaws are
 * known by them.
 */
export const AURORA_POSTGRESQL: EngineDefinition = {
  name: 'aurora-postgresql',
  defaultPort: 5432,
  numbering: 'postgresql',
  reservedUsernames: ['admin', 'postgres', 'rdsadmin', 'rdsproxyadmin', 'rdsrepladmin', 'rdstopmgr', 'rds_superuser', 'rds_iam', 'tenantry'],
  tls: { parameter: 'ssl_min_protocol_version', values: { '1.2': 'TLSv1.2', '1.3': 'TLSv1.3' } },
  versions: { 15: version('15', '15.19', '2028-02-29'), 16: version('16', '16.15', '2029-02-28'), 17: version('17', '17.11', '2030-02-28') },
};

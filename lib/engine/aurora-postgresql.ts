import type { EngineDefinition, EngineParameter, EngineVersionDefinition } from './engine-definition';

const dynamic = (name: string, value: string): EngineParameter => ({ name, value, applyMethod: 'immediate' });

const PARAMETERS: readonly EngineParameter[] = [
  dynamic('log_connections', '1'),
  dynamic('log_disconnections', '1'),
  dynamic('password_encryption', 'scram-sha-256'),
  dynamic('rds.accepted_password_auth_method', 'scram'),
  dynamic('rds.force_ssl', '1'),
];

const version = (major: string): EngineVersionDefinition => ({
  parameterGroupFamily: `aurora-postgresql${major}`,
  parameters: PARAMETERS,
  logExports: ['iam-db-auth-error', 'postgresql'],
});

/** Source of the parameters: AWS, Aurora PostgreSQL parameters; the log exports: CreateDBCluster, EnableCloudwatchLogsExports. */
export const AURORA_POSTGRESQL: EngineDefinition = {
  name: 'aurora-postgresql',
  defaultPort: 5432,
  reservedUsernames: ['admin', 'postgres', 'rdsadmin', 'rdsproxyadmin', 'rdsrepladmin', 'rdstopmgr', 'rds_superuser', 'rds_iam', 'tenantry'],
  tls: { parameter: 'ssl_min_protocol_version', values: { '1.2': 'TLSv1.2', '1.3': 'TLSv1.3' } },
  versions: { 15: version('15'), 16: version('16'), 17: version('17') },
};

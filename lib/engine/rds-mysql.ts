import { MYSQL_RESERVED } from './aurora-mysql';
import type { EngineDefinition, EngineVersionDefinition } from './engine-definition';
import { MYSQL_PARAMETERS } from './parameters/mysql';
import { MYSQL_FIXED, mysqlTemplate } from './templates';

/** MySQL's quarterly release of October 2026 (third Tuesday, Oracle's critical patch updates): RDS follows within 30 days, and what it offers since then is not known here. */
const KNOWN_UNTIL = '2026-10-20';

const version = (major: string, latestMinor: string, endOfSupport: string): EngineVersionDefinition => ({
  parameterGroupFamily: `mysql${major}`,
  parameters: mysqlTemplate('1'),
  logExports: ['error', 'iam-db-auth-error', 'slowquery'],
  lifecycle: { latestMinor, knownUntil: KNOWN_UNTIL, endOfSupport },
});

/**
 * Sources, of AWS: the minor versions and the end of standard support from MySQL on Amazon RDS versions, read on 22 August 2026; TLS from SSL/TLS support for MySQL DB
 * instances on Amazon RDS; the log exports from CreateDBInstance and CreateDBCluster, EnableCloudwatchLogsExports; the length of names from CreateDBInstance,
 * MasterUsername. 8.0 has left standard support: it is here so that clusters which exist are told so.
 */
export const RDS_MYSQL: EngineDefinition = {
  name: 'mysql',
  label: 'RDS MySQL',
  language: 'mysql',
  storage: 'rds',
  iamAuthentication: true,
  defaultPort: 3306,
  reservedUsernames: MYSQL_RESERVED,
  maxUsernameLength: 16,
  tls: { parameter: 'tls_version', values: { '1.2': 'TLSv1.2,TLSv1.3', '1.3': 'TLSv1.3' }, applyMethod: 'pending-reboot' },
  fixedParameters: MYSQL_FIXED,
  slowStatement: { parameter: 'long_query_time', unit: 's' },
  parameterCatalogue: MYSQL_PARAMETERS,
  versions: { '8.0': version('8.0', '8.0.46', '2026-07-31'), 8.4: version('8.4', '8.4.11', '2029-07-31') },
};

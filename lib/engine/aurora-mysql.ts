import type { EngineDefinition, EngineVersionDefinition } from './engine-definition';
import { MYSQL_PARAMETERS } from './parameters/mysql';
import { MYSQL_FIXED, mysqlTemplate } from './templates';

/** Three months after the latest that is known: Aurora MySQL follows MySQL's minor releases within three months, and is released quarterly. */
const KNOWN_UNTIL = '2026-12-03';

const version = (major: string, latestMinor: string, endOfSupport: string): EngineVersionDefinition => ({
  parameterGroupFamily: `aurora-mysql${major}`,
  parameters: mysqlTemplate('ON'),
  logExports: ['error', 'iam-db-auth-error', 'slowquery'],
  lifecycle: { latestMinor, knownUntil: KNOWN_UNTIL, endOfSupport },
});

/** Names that RDS, Aurora and MySQL keep for themselves, and ours. */
export const MYSQL_RESERVED = ['mysql', 'mysql.infoschema', 'mysql.session', 'mysql.sys', 'rdsadmin', 'rdsproxyadmin', 'rdsrepladmin', 'rdstopmgr', 'root', 'tenantry'];

/**
 * Sources, of AWS: the versions and the end of standard support from Release calendars for Aurora MySQL as of September 2026 (3.13 of 27 August, 8.4.8 of
 * 3 September 2026; of 8.4 the month alone is given); the numbers of the engine's versions from DescribeDBEngineVersions; TLS from Security with Amazon Aurora
 * MySQL, which has 1.3 from 3.04 on; the log exports from CreateDBCluster, EnableCloudwatchLogsExports; the length of names from CreateDBCluster,
 * MasterUsername. Version 3 is what is compatible with MySQL 8.0.
 */
export const AURORA_MYSQL: EngineDefinition = {
  name: 'aurora-mysql',
  label: 'Aurora MySQL',
  language: 'mysql',
  storage: 'aurora',
  iamAuthentication: true,
  defaultPort: 3306,
  minorPattern: /^\.mysql_aurora(\.\d+){2,3}$/,
  reservedUsernames: MYSQL_RESERVED,
  maxUsernameLength: 16,
  // AWS takes it as pending-reboot alone.
  tls: { parameter: 'tls_version', values: { '1.2': 'TLSv1.2,TLSv1.3', '1.3': 'TLSv1.3' }, applyMethod: 'pending-reboot' },
  fixedParameters: MYSQL_FIXED,
  slowStatement: { parameter: 'long_query_time', unit: 's' },
  parameterCatalogue: MYSQL_PARAMETERS,
  versions: {
    // 3.10.5 is of 30 July 2026; 3.04 has left long-term support on 31 October 2026.
    '8.0': { ...version('8.0', '8.0.mysql_aurora.3.13.0', '2028-04-30'), longTermSupport: ['8.0.mysql_aurora.3.10.5'] },
    8.4: version('8.4', '8.4.mysql_aurora.8.4.8', '2032-04-30'),
  },
};

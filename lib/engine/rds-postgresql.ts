import { POSTGRESQL_RESERVED } from './aurora-postgresql';
import type { EngineDefinition, EngineVersionDefinition } from './engine-definition';
import { POSTGRESQL_PARAMETERS } from './parameters/postgresql';
import { POSTGRESQL_FIXED, postgresqlTemplate } from './templates';

/** PostgreSQL's minor releases of November 2026: RDS follows within weeks, and what it offers since then is not known here. Source: postgresql.org/developer/roadmap. */
const KNOWN_UNTIL = '2026-11-12';

const version = (major: string, latestMinor: string, endOfSupport: string): EngineVersionDefinition => ({
  parameterGroupFamily: `postgres${major}`,
  parameters: postgresqlTemplate(Number(major)),
  logExports: ['iam-db-auth-error', 'postgresql', 'upgrade'],
  lifecycle: { latestMinor, knownUntil: KNOWN_UNTIL, endOfSupport },
});

/**
 * Sources, of AWS: the log exports from CreateDBInstance and CreateDBCluster, EnableCloudwatchLogsExports; the minor versions from What's New of August 2026
 * ("Amazon RDS for PostgreSQL supports minor versions 18.6, 17.11, 16.15, 15.19, and 14.24"); the end of standard support from the release calendar of RDS for
 * PostgreSQL, read on 22 August 2026. 14 is the oldest major version in standard support.
 */
export const RDS_POSTGRESQL: EngineDefinition = {
  name: 'postgres',
  label: 'RDS PostgreSQL',
  language: 'postgresql',
  storage: 'rds',
  iamAuthentication: true,
  defaultPort: 5432,
  numbering: 'postgresql',
  reservedUsernames: POSTGRESQL_RESERVED,
  tls: { parameter: 'ssl_min_protocol_version', values: { '1.2': 'TLSv1.2', '1.3': 'TLSv1.3' } },
  fixedParameters: POSTGRESQL_FIXED,
  slowStatement: { parameter: 'log_min_duration_statement', unit: 'ms' },
  parameterCatalogue: POSTGRESQL_PARAMETERS,
  versions: {
    14: version('14', '14.24', '2027-02-28'), 15: version('15', '15.19', '2028-02-29'), 16: version('16', '16.15', '2029-02-28'), 17: version('17', '17.11', '2030-02-28'),
    18: version('18', '18.6', '2031-02-28'),
  },
};

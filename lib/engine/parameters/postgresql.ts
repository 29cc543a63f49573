import type { ParameterRow } from './definition';
import { POSTGRESQL_AWS } from './postgresql-aws';
import { POSTGRESQL_MAINTENANCE } from './postgresql-maintenance';
import { POSTGRESQL_OBSERVATION } from './postgresql-observation';
import { POSTGRESQL_PLANNER } from './postgresql-planner';
import { POSTGRESQL_RESOURCES } from './postgresql-resources';

/**
 * The parameters that people set, and those that they try to and cannot: not every one that exists.
 *
 * Type, range, unit and whether a restart is needed are PostgreSQL's own, and a test compares them with `pg_settings` of real servers. Where AWS
 * states another range or spelling (`aws`), it is what AWS answered to DescribeDBClusterParameters for aurora-postgresql14; the kind of group is that of
 * "Aurora PostgreSQL parameters" in the Aurora user guide. `log_connections` became a list with PostgreSQL 18.
 */
export const POSTGRESQL_PARAMETERS: readonly ParameterRow[] = [
  ...POSTGRESQL_RESOURCES, ...POSTGRESQL_MAINTENANCE, ...POSTGRESQL_PLANNER, ...POSTGRESQL_OBSERVATION, ...POSTGRESQL_AWS,
];

import type { Size } from '../core/size';
import { offeringOf, type SizedEngine } from './sized-engine';

const GIBIBYTE = 1024 ** 3;

/**
 * At least this much of a class's memory is `DBInstanceClassMemory`, in bytes. AWS names no formula ("memory reserved for the operating system and the RDS
 * processes … the exact value depends on a combination of factors"), but default limits of connections from which it follows. What is reserved is at most
 * 0.27 GiB and 6 % of the memory: no figure that AWS publishes is below what comes of it, and none is more than a tenth above (a test has the list).
 *
 * Sources, of AWS: Specifying DB parameters; Quotas and constraints for Amazon RDS; Maximum connections to an Aurora PostgreSQL DB instance; Maximum connections
 * for Aurora serverless.
 */
const databaseMemory = (memory: Size): number => Math.max(0, memory.toBytes() * 0.94 - 0.27 * GIBIBYTE);

/** Default limit of Aurora MySQL by memory in GiB: its formula is rounded in a way that is published for these alone. */
const AURORA_MYSQL: readonly (readonly [gibibytes: number, connections: number])[] = [
  [2, 45], [4, 90], [8, 135], [16, 1000], [32, 2000], [64, 3000], [128, 4000], [256, 5000], [384, 6000], [768, 7000], [1536, 8000],
];

/**
 * The default of `max_connections`, or a little less: it follows from the memory that is left for the database, which AWS does not name.
 *
 * Sources, of AWS: PostgreSQL `LEAST({DBInstanceClassMemory/9531392},5000)`, MySQL `{DBInstanceClassMemory/12582880}` (Quotas and constraints for Amazon RDS; the
 * former for Aurora too, Maximum connections to an Aurora PostgreSQL DB instance); Aurora MySQL: the table in Maximum connections to an Aurora MySQL DB instance.
 */
export function defaultMaxConnections(engine: SizedEngine, memory: Size): number {
  const available = databaseMemory(memory);
  switch (offeringOf(engine)) {
    case 'aurora-postgresql':
    case 'rds-postgresql':
      return Math.min(Math.floor(available / 9_531_392), 5000);
    case 'rds-mysql':
      return Math.floor(available / 12_582_880);
    case 'aurora-mysql':
      return AURORA_MYSQL.findLast(([gibibytes]) => gibibytes <= memory.toGibibytes())?.[1] ?? 0;
  }
}

/**
 * How many of `max_connections` are not for clients. PostgreSQL keeps three for superusers, which is what AWS's own automation needs; MySQL's one for administrators
 * comes on top of the limit.
 *
 * Sources: PostgreSQL, superuser_reserved_connections; AWS, Maximum connections to an Aurora PostgreSQL DB instance; MySQL, max_connections.
 */
export const reservedConnections = ({ language }: Pick<SizedEngine, 'language'>): number => (language === 'postgresql' ? 3 : 0);

export const CONNECTIONS_SOURCE: Readonly<Record<SizedEngine['storage'], string>> = {
  aurora: 'AWS, Aurora user guide, Maximum connections to a DB instance',
  rds: 'AWS, RDS user guide, Maximum number of database connections',
};

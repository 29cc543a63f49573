import type { ParameterRow } from './definition';
import { MYSQL_AWS } from './mysql-aws';
import { MYSQL_INNODB } from './mysql-innodb';
import { MYSQL_SERVER } from './mysql-server';

/**
 * The parameters that people set, and those that they try to and cannot: not every one that exists.
 *
 * Type, range and whether a restart is needed are those of the MySQL reference manual; which kind of group has a parameter, and what Aurora keeps to
 * itself, is of "Aurora MySQL configuration parameters" in the Aurora user guide. `static` where MySQL or AWS says so; `pending-reboot` is valid for both.
 */
export const MYSQL_PARAMETERS: readonly ParameterRow[] = [...MYSQL_SERVER, ...MYSQL_INNODB, ...MYSQL_AWS];

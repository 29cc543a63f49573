import type { AlarmDefinition } from '../alarm-definition';
import type { MonitoredDatabase } from '../monitored-database';
import { COMPUTE } from './compute';
import { ENGINES } from './engines';
import { LOGS } from './logs';
import { OPERATING_SYSTEM } from './operating-system';
import { REPLICATION } from './replication';
import { STORAGE } from './storage';

/** Every alarm that a database can have. The README of lib/alerting prints it. */
export const ALARM_CATALOGUE: readonly AlarmDefinition[] = [...OPERATING_SYSTEM, ...COMPUTE, ...STORAGE, ...REPLICATION, ...ENGINES, ...LOGS];

/** Those that apply to one. */
export const alarmsFor = (database: MonitoredDatabase): readonly AlarmDefinition[] => ALARM_CATALOGUE.filter(({ applies }) => applies(database));

import type { RoleDeclaration } from '../../declaration/schema';
import { kilobytesOf, millisecondsOf } from '../../declaration/units';

/** A setting that every session of a login starts with. `name` is PostgreSQL's. */
export interface WantedSetting {
  readonly role: string;
  readonly name: string;
  readonly value: string;
}

interface Definition {
  readonly name: string;
  readonly read: (value: string) => string | number | undefined;
  /** Only superusers may give it to a role, and who has SET on the parameter. */
  readonly ofSuperuser?: true;
  /** The version that it came with. */
  readonly since?: number;
}

const time = (name: string, more: Partial<Definition> = {}): Definition => ({ name, read: millisecondsOf, ...more });

const SETTINGS: Readonly<Record<keyof NonNullable<RoleDeclaration['settings']>, Definition>> = {
  statementTimeout: time('statement_timeout'),
  lockTimeout: time('lock_timeout'),
  idleInTransactionSessionTimeout: time('idle_in_transaction_session_timeout'),
  idleSessionTimeout: time('idle_session_timeout'),
  transactionTimeout: time('transaction_timeout', { since: 170_000 }),
  workMem: { name: 'work_mem', read: kilobytesOf },
  tempFileLimit: { name: 'temp_file_limit', read: kilobytesOf, ofSuperuser: true },
  defaultTransactionIsolation: { name: 'default_transaction_isolation', read: (value) => value.trim().toLowerCase() },
  logMinDurationStatement: time('log_min_duration_statement', { ofSuperuser: true }),
};

const byName: ReadonlyMap<string, Definition> = new Map(Object.values(SETTINGS).map((definition) => [definition.name, definition]));

/** Settings that a login without SET on the parameter may not give to a role. */
export const SUPERUSER_SETTINGS = Object.values(SETTINGS).filter(({ ofSuperuser }) => ofSuperuser === true).map(({ name }) => name);

export const settingsOf = ({ settings = {} }: RoleDeclaration, login: string): WantedSetting[] =>
  Object.entries(settings).flatMap(([property, value]) => (value === undefined ? [] : [{ role: login, name: SETTINGS[property as keyof typeof SETTINGS].name, value }]));

/** Identifies a setting of a role in all databases. */
export const managedKey = (role: string, name: string): string => JSON.stringify([role, name]);

/** Whether two values mean the same: `1min` and `60s` do. */
export function isSameValue(name: string, a: string, b: string): boolean {
  const read = byName.get(name)?.read;
  return a === b || (read?.(a) !== undefined && read(a) === read(b));
}

/** The version that knows a setting, where the oldest that is supported does not. */
export const knownSince = (name: string): number => byName.get(name)?.since ?? 0;

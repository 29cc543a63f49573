import { z } from 'zod';
import type { Complaint } from '../core/errors';

const seconds = z.number().int().min(1).max(600);

/** How fast a program hears that the server which it talks to is gone, and finds the one that took over. All times are whole seconds, which every driver takes. */
export const driverSchema = z.strictObject({
  /** Until an attempt to connect is given up. */
  connectTimeout: seconds,
  /** Of a connection that nothing comes from: the first probe after `idle`, and the end after `count` without an answer, `interval` apart. */
  keepalive: z.strictObject({ idle: seconds, interval: seconds, count: z.number().int().min(1).max(20) }),
  /** Until a connection ends on which nothing that was sent is acknowledged: keepalive does not watch over those. */
  tcpUserTimeout: seconds,
  /** Which server is taken: `primary` refuses a standby, `read-write` also one where transactions are read-only unless they ask. */
  targetSessionAttrs: z.enum(['any', 'primary', 'read-write']),
  /** How long an address that a name was looked up for is used. */
  dnsTtl: seconds,
});

export type DriverSettings = Readonly<z.output<typeof driverSchema>>;

/**
 * A lost server is noticed within 8 seconds, whatever a connection does: 2 + 3 × 2 while it waits, 8 while it sends, 2 while it is opened. It is looked for at its new address
 * 5 seconds after that at the latest. Aurora's names live 5 seconds (AWS, knowledge centre, "Why was I redirected to the reader when I tried to connect to my Amazon Aurora writer
 * endpoint"); 2 seconds to connect is what AWS gives its drivers, and 1 + 5 × 1 for keepalive (Aurora user guide, "Fast failover with Amazon Aurora PostgreSQL"), which calls a
 * short disturbance of the network a loss.
 */
export const FAST_FAILOVER: DriverSettings = {
  connectTimeout: 2, keepalive: { idle: 2, interval: 2, count: 3 }, tcpUserTimeout: 8, targetSessionAttrs: 'primary', dnsTtl: 5,
};

/** Seconds within which a lost server is noticed. */
export const detectionOf = ({ connectTimeout, keepalive, tcpUserTimeout }: DriverSettings): number => Math.max(connectTimeout, keepalive.idle + keepalive.interval * keepalive.count, tcpUserTimeout);

/** Health has to be known every so many seconds. */
export const SLOWEST_DETECTION = 10;

/** What is wrong with settings whose figures are known. */
export function checkDriver(settings: DriverSettings, at: string): Complaint[] {
  const parsed = driverSchema.safeParse(settings);
  if (!parsed.success) {
    return parsed.error.issues.map(({ path, message }) => ({ code: 'driver/setting', at: `${at}.${path.join('.')}`, problem: `${message}. Times are whole seconds, 1 to 600.` }));
  }
  const detection = detectionOf(parsed.data);
  if (detection <= SLOWEST_DETECTION) return [];
  const { connectTimeout, keepalive: { idle, interval, count }, tcpUserTimeout } = parsed.data;
  return [{
    code: 'driver/slow-detection', at,
    problem: `A lost server is noticed after ${detection} seconds, and ${SLOWEST_DETECTION} are allowed: connectTimeout ${connectTimeout}, keepalive ${idle} + ${interval} × ${count} = ${idle + interval * count}, tcpUserTimeout ${tcpUserTimeout}.`,
    fix: 'Lower the greatest of the three, or leave driver out for 8 seconds.',
  }];
}

/** The same for libpq and what is built upon it: psql, psycopg, Ruby's pg, ODBC. Keywords of its connection string; looked up anew for each connection. (PostgreSQL, libpq, Parameter Key Words.) */
export function libpq({ connectTimeout, keepalive, tcpUserTimeout, targetSessionAttrs }: DriverSettings): string {
  return Object.entries({
    connect_timeout: connectTimeout, keepalives: 1, keepalives_idle: keepalive.idle, keepalives_interval: keepalive.interval, keepalives_count: keepalive.count,
    tcp_user_timeout: tcpUserTimeout * 1000, target_session_attrs: targetSessionAttrs,
  }).map(([name, value]) => `${name}=${value}`).join(' ');
}

const JDBC_TARGETS = { 'any': 'any', 'primary': 'primary', 'read-write': 'primary' } as const;

/**
 * The same for the JDBC driver: what stands behind the `?` of its URL. Java takes the times of keepalive from the system alone, so that `jvm` and the system's settings go with it; where
 * nobody sets those, `socketTimeout` ends a statement that is not answered, and long ones need a data source of their own. (pgJDBC, Connection Parameters.)
 */
export function jdbc({ connectTimeout, targetSessionAttrs }: DriverSettings): string {
  return new URLSearchParams({
    connectTimeout: String(connectTimeout), loginTimeout: String(connectTimeout), cancelSignalTimeout: String(connectTimeout), tcpKeepAlive: 'true', targetServerType: JDBC_TARGETS[targetSessionAttrs],
  }).toString();
}

/** What a Java program is started with: without it, an address may be kept for 30 seconds, or for ever. */
export const jvm = ({ dnsTtl }: DriverSettings): string => `-Dsun.net.inetaddr.ttl=${dnsTtl}`;

/** Kernel settings of a host or container whose programs cannot set keepalive themselves, as Java's: `net.ipv4.…`, of each network namespace. */
export const sysctl = ({ keepalive }: DriverSettings): string =>
  `net.ipv4.tcp_keepalive_time=${keepalive.idle} net.ipv4.tcp_keepalive_intvl=${keepalive.interval} net.ipv4.tcp_keepalive_probes=${keepalive.count}`;

import { Client, type ClientConfig } from 'pg';
import { TenantryError } from '../../core/errors';

/** How to reach one server: everything but the database's name. */
export interface ServerAccess {
  /** Host name, or the folder of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Asked for each connection, so that tokens that expire are made anew. @default - no password: the server trusts the login, or asks in another way */
  readonly password?: () => Promise<string>;
  /** How the login proves who it is. */
  readonly method: 'password' | 'iam' | 'trust';
  /** Certificate authorities, in PEM, that the server's certificate is checked against. @default - those of Node.js */
  readonly ca?: string;
}

const LOCAL = /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/;

/** The machine itself: nobody listens in between, so TLS is not asked for. */
export const isLocal = (host: string): boolean => host.startsWith('/') || LOCAL.test(host);

/** What `pg` needs to open a connection. Off the local machine it is TLS, and the certificate must be valid for the host. */
export function connectionConfig(access: ServerAccess, database: string, applicationName: string): ClientConfig {
  return {
    host: access.host, port: access.port, user: access.user, database, application_name: applicationName,
    // Firewalls and load balancers forget a connection that is idle: after 350 s those of AWS, long before the operating system's two hours.
    keepAlive: true, keepAliveInitialDelayMillis: 30_000,
    ...(access.password === undefined ? {} : { password: access.password }),
    ...(isLocal(access.host) ? {} : { ssl: { rejectUnauthorized: true, servername: access.host, ...(access.ca === undefined ? {} : { ca: access.ca }) } }),
  };
}

/**
 * Opens a connection with the settings that every statement of the library expects.
 *
 * @throws TenantryError (`failed`) when the server cannot be reached or does not let the login in
 */
export async function connect(access: ServerAccess, database: string, applicationName = 'tenantry'): Promise<Client> {
  const client = new Client({ ...connectionConfig(access, database, applicationName), connectionTimeoutMillis: 10_000 });
  // A connection that breaks while idle reports it with the next query; without a listener the process would end.
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    throw cannotConnect(access, database, error as Error & { code?: string });
  }
  return client;
}

/** What the server answers with; the network's codes are words that begin with E. */
const SQLSTATE = /^(?!E)[0-9A-Z]{5}$/;

function cannotConnect(access: ServerAccess, database: string, error: Error & { code?: string }): TenantryError {
  const place = `${access.user} @ ${access.host}:${access.port}/${database}`;
  const certificate = /certificate|self[- ]signed|SSL/i.test(error.message);
  return new TenantryError('failed', {
    code: 'connect/failed', at: place, problem: `The connection failed: ${error.message || error.code || 'no reason given'}.`,
    fix: certificate
      ? 'Give the certificate authority of the server with --ca FILE; for RDS and Aurora it is the bundle that AWS publishes at truststore.pki.rds.amazonaws.com.'
      : error.code === '28P01' || error.code === '28000' ? 'Check the user, its password or token, and whether it may log in from here.'
        : SQLSTATE.test(error.code ?? '') ? 'The server was reached, and refused this login for the reason above: mend it, and try again.' : 'Check the address, the network path and whether the server runs.',
  }, { cause: error });
}

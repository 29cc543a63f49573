import { TenantryError } from '../../core/errors';
import { isLocal, type ServerAccess } from './server-access';

/**
 * Reads `[server=]postgresql://user:password@host:port` as given on the command line. The database's name in it is not used: the
 * declaration decides it.
 *
 * @throws TenantryError (`input`); the text of the error never repeats the URL, which holds a password
 */
export function parseDatabaseUrl(text: string, options: { ca?: string } = {}): { server?: string; access: ServerAccess } {
  const match = /^(?:([a-z][a-z0-9-]*)=)?(postgres(?:ql)?:\/\/.*)$/s.exec(text);
  let url: URL;
  try {
    // A URL for a Unix socket has no host before the path: the folder is in its query.
    url = new URL((match?.[2] ?? '').replace(/^([a-z]+:\/\/[^/?#]*@)(?=[/?]|$)/, '$1localhost'));
  } catch {
    throw new TenantryError('input', { code: 'connect/url', at: '--database-url', problem: 'The value is not a URL of PostgreSQL.', fix: 'Write postgresql://user:password@host:5432, with server= in front when the manifest has several servers.' });
  }
  const { user, password } = decoded(url);
  const host = url.searchParams.get('host') ?? url.hostname.replace(/^\[|\]$/g, '');
  const mode = url.searchParams.get('sslmode');
  if (!isLocal(host) && mode !== null && mode !== 'verify-full') {
    throw new TenantryError('refused', {
      code: 'connect/tls', at: '--database-url', problem: `sslmode is ${JSON.stringify(mode)} for ${host}. Off the local machine the connection is encrypted and the server's certificate checked (verify-full).`,
      fix: 'Leave sslmode out. Where the certificate is signed by an authority of your own, name it with --ca FILE.',
    });
  }
  if (user === '') {
    throw new TenantryError('input', { code: 'connect/url', at: '--database-url', problem: 'The URL names no user.', fix: 'Write postgresql://user:password@host:5432.' });
  }
  return {
    ...(match?.[1] === undefined ? {} : { server: match[1] }),
    access: {
      host, port: Number(url.searchParams.get('port') ?? (url.port || 5432)), user, method: password === '' && isLocal(host) && process.env['PGPASSWORD'] === undefined ? 'trust' : 'password',
      ...(password === '' ? {} : { password: () => Promise.resolve(password) }), ...(options.ca === undefined ? {} : { ca: options.ca }),
    },
  };
}

/** The name of the database in a URL that `parseDatabaseUrl` accepted; undefined where it names none. */
export function databaseIn(text: string): string | undefined {
  const path = /^(?:[a-z][a-z0-9-]*=)?postgres(?:ql)?:\/\/[^/?#]*\/([^/?#]+)/s.exec(text)?.[1];
  try {
    return path === undefined ? undefined : decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

function decoded({ username, password }: URL): { user: string; password: string } {
  try {
    return { user: decodeURIComponent(username), password: decodeURIComponent(password) };
  } catch {
    throw new TenantryError('input', { code: 'connect/url', at: '--database-url', problem: 'The user or the password holds a % that begins no escape.', fix: 'Write % as %25.' });
  }
}

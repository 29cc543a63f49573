import { createHash } from 'node:crypto';
import type { PasswordStore } from '../../../lib/bootstrap/connect/password-store';
import type { ServerAccess } from '../../../lib/bootstrap/connect/server-access';
import { parseDeclaration, type SchemaInput } from '../../../lib/declaration';
import { type LoadedManifest, MANIFEST_FORMAT, manifestText, parseManifest } from '../../../lib/manifest';

export interface ServerAddress {
  readonly host: string;
  readonly port: number;
  readonly bootstrapUser: string;
}

export interface ManifestInput {
  readonly platform?: string;
  readonly environment?: string;
  readonly tenants?: Readonly<Record<string, { readonly isolation: string; readonly displayName?: string; readonly tier?: string }>>;
}

/** The manifest of a declaration as `cdktf deploy` would have put it out. */
export function manifestOf(declaration: SchemaInput | ReturnType<typeof parseDeclaration>, { platform = 'acme-platform', environment = 'staging', tenants = {} }: ManifestInput = {}): LoadedManifest {
  const parsed = parseDeclaration(declaration);
  const text = manifestText({
    format: MANIFEST_FORMAT, platform, environment, address: `${environment}-data/Shop`, declaration: parsed, tenants, home: 'main',
    servers: Object.fromEntries(['main', ...Object.keys(tenants).filter((key) => tenants[key]?.isolation === 'cluster')].map((name) =>
      [name, { host: name === 'main' ? 'db.invalid' : `${name}.invalid`, port: 5432, engine: 'aurora-postgresql', engineVersion: '17.6', region: 'eu-central-1', masterUsername: 'tenantry_bootstrap' }])),
  });
  return { manifest: parseManifest(JSON.parse(text), 'test'), digest: createHash('sha256').update(text).digest('hex') };
}

/** The login that bootstraps: no superuser. */
export const accessTo = ({ host, port, bootstrapUser }: ServerAddress, more: Partial<ServerAccess> = {}): ServerAccess =>
  ({ host, port, user: bootstrapUser, method: 'trust', ...more });

/** Where passwords go that no test looks at. */
export const forgetful: PasswordStore = {
  place: () => Promise.resolve({ location: 'nowhere', declared: false, empty: false }),
  keep: () => Promise.resolve(undefined),
};

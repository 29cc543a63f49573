import { z } from 'zod';
import { declarationSchema } from '../declaration/schema';
import { tenantsSchema } from '../declaration/tenants';
import { driverSchema } from './driver';

export const MANIFEST_FORMAT = 'tenantry/manifest@1';

const name = z.string().min(1).max(100);

const server = z.strictObject({
  /** Address of the writer. */
  host: z.string().min(1),
  /** Address that spreads over the readers. */
  readerHost: z.string().min(1).optional(),
  port: z.coerce.number().int().min(1).max(65_535).or(z.string()),
  /** `aurora-postgresql`, `postgres` … as AWS names it. */
  engine: z.string().min(1),
  engineVersion: z.string().min(1),
  /** What the engine's registry knows of the minor versions. RDS and Aurora get them later than the community publishes them. */
  lifecycle: z.strictObject({ latestMinor: z.string().regex(/^\d+\.\d+$/), knownUntil: z.iso.date(), endOfSupport: z.iso.date() }).optional(),
  region: z.string().min(1),
  /** Identifier that IAM policies name for `rds-db:connect`. */
  resourceId: z.string().min(1).optional(),
  masterUsername: z.string().min(1),
  /** Where the master password lies. The manifest never holds the password itself. */
  masterSecretArn: z.string().min(1).optional(),
  /** Where the passwords of logins lie, by login. The bootstrap writes them. */
  loginSecrets: z.record(z.string(), z.string().min(1)).optional(),
  /** Where programs connect instead, so that they share connections. The bootstrap never does: it needs sessions of its own. */
  pool: z.strictObject({ host: z.string().min(1), port: z.coerce.number().int().min(1).max(65_535).or(z.string()), readerHost: z.string().min(1).optional() }).optional(),
  /** How fast programs notice that the server is lost. @default - `FAST_FAILOVER` */
  driver: driverSchema.optional(),
});

/**
 * Everything that the bootstrap needs to know about one `TenantDatabase`. It holds references to secrets, never secrets,
 * and never a tenant that signed up at run time.
 */
export const manifestSchema = z.strictObject({
  format: z.literal(MANIFEST_FORMAT),
  platform: name,
  environment: name,
  /** Construct path of the `TenantDatabase`. */
  address: name,
  declaration: declarationSchema,
  tenants: tenantsSchema,
  /** By name; the declaration's home database lies on the one that `home` names. */
  servers: z.record(z.string(), server),
  home: z.string(),
});

export type Manifest = Readonly<z.output<typeof manifestSchema>>;
export type ManifestServer = Manifest['servers'][string];

/** Who a database object belongs to: written into its comment, so that nothing of somebody else's is ever taken over silently. */
export interface Identity {
  readonly platform: string;
  readonly environment: string;
  readonly declaration: string;
}

export const identityOf = (manifest: Manifest): Identity => ({
  platform: manifest.platform, environment: manifest.environment, declaration: manifest.declaration.name,
});

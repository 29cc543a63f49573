import { createHash } from 'node:crypto';
import { type Complaint, refuse, TenantryError } from '../core/errors';
import { listOf } from '../core/text';
import { complaintsOf } from '../core/zod-complaints';
import { checkDeclaration } from '../declaration/check';
import { checkTenantTiers } from '../declaration/schema-tiers';
import { checkTenantKeys } from '../declaration/tenants';
import { checkServers } from './cells';
import { type Manifest, MANIFEST_FORMAT, manifestSchema } from './format';
import { fromTerraformTemplate } from './template';

/** A manifest and the SHA-256 of the bytes that it was read from. */
export interface LoadedManifest {
  readonly manifest: Manifest;
  readonly digest: string;
  /** Name of the server that the manifest was narrowed down to, which one tenant has for itself. @default - it is a whole manifest, and its home is meant */
  readonly cell?: string;
  /** Id that the home registry has for the tenant of that server: `refuseUnlessRegistered` reads it. @default - it was not asked */
  readonly tenantId?: string;
}

/**
 * Finds the manifests in a file: one manifest, the outputs that `cdktf deploy --outputs-file` wrote, or a synthesized stack (`cdk.tf.json`).
 *
 * @param text - content of the file
 * @param file - its name, for errors
 * @throws TenantryError (`input`) when the file holds none, or one that is wrong
 */
export function readManifests(text: string, file: string): LoadedManifest[] {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    throw new TenantryError('input', { code: 'manifest/not-json', at: file, problem: `The file is not JSON: ${(error as Error).message}.`, fix: 'Give the file that cdktf deploy --outputs-file wrote, or a manifest.' });
  }
  const found = isManifest(data) ? [text] : manifestTexts(data);
  if (found.length === 0) {
    throw new TenantryError('input', {
      code: 'manifest/none', at: file, problem: 'The file holds no manifest of a TenantDatabase.',
      fix: 'Give the file that cdktf deploy --outputs-file wrote, a manifest, or cdktf.out/stacks/<stack>/cdk.tf.json.',
    });
  }
  return found.map((source) => ({ manifest: parseManifest(JSON.parse(source), file), digest: createHash('sha256').update(source).digest('hex') }));
}

/**
 * The one manifest that is meant.
 *
 * @param database - name of the declaration; needed when the file holds several
 */
export function selectManifest(manifests: readonly LoadedManifest[], database: string | undefined, file: string): LoadedManifest {
  const names = manifests.map(({ manifest }) => `${manifest.declaration.name} (${manifest.address})`);
  const chosen = database === undefined ? manifests : manifests.filter(({ manifest }) => manifest.declaration.name === database || manifest.address === database);
  const [only] = chosen;
  if (only !== undefined && chosen.length === 1) return only;
  throw new TenantryError('input', chosen.length === 0
    ? { code: 'manifest/unknown-database', at: file, problem: `There is no ${JSON.stringify(database)} in the file; it holds ${listOf(names)}.`, fix: 'Give one of these names with --database.' }
    : { code: 'manifest/several', at: file, problem: `The file holds ${chosen.length} manifests: ${listOf(names)}.`, fix: 'Say which with --database NAME; where a name occurs twice, give the path in brackets.' });
}

/** Checks the data of one manifest. */
export function parseManifest(data: unknown, file: string): Manifest {
  const format = (data as { format?: unknown } | null)?.format;
  if (format !== MANIFEST_FORMAT) {
    throw new TenantryError('input', { code: 'manifest/format', at: file, problem: `The manifest has format ${JSON.stringify(format)}; this version reads ${JSON.stringify(MANIFEST_FORMAT)}.`, fix: 'Use the version of tenantry that synthesized the stack.' });
  }
  const parsed = manifestSchema.safeParse(data);
  if (!parsed.success) throw new TenantryError('input', complaintsOf(parsed.error, data, { module: 'manifest', at: (path) => (path === '' ? file : `${file}: ${path}`) }));
  const complaints: Complaint[] = [...checkDeclaration(parsed.data.declaration), ...checkTenantKeys(Object.keys(parsed.data.tenants)), ...checkTenantTiers(parsed.data.declaration, parsed.data.tenants)];
  if (parsed.data.servers[parsed.data.home] === undefined) {
    complaints.push({ code: 'manifest/home', at: file, problem: `home is ${JSON.stringify(parsed.data.home)}, which is none of the servers ${listOf(Object.keys(parsed.data.servers))}.` });
  }
  complaints.push(...checkServers(parsed.data, file));
  refuse(complaints);
  return parsed.data;
}

function isManifest(data: unknown): boolean {
  return typeof data === 'object' && data !== null && typeof (data as { format?: unknown }).format === 'string' && 'declaration' in data;
}

/** Looks into every text of an outputs file, and into the outputs of a synthesized stack, whose texts are Terraform templates. */
function manifestTexts(data: unknown): string[] {
  if (typeof data !== 'object' || data === null) return [];
  return 'terraform' in data && 'output' in data
    ? strings((data as { output: unknown }).output).map(fromTerraformTemplate).filter(holdsManifest)
    : strings(data).filter(holdsManifest);
}

function strings(data: unknown): string[] {
  if (typeof data === 'string') return [data];
  return typeof data === 'object' && data !== null ? Object.values(data).flatMap(strings) : [];
}

function holdsManifest(text: string): boolean {
  if (!text.includes('tenantry/manifest@')) return false;
  try {
    return isManifest(JSON.parse(text));
  } catch {
    return false;
  }
}

import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { TenantryError } from '../../core/errors';
import type { StackConfiguration, SynthesizedStack } from './application';

/** Terraform reads files with this ending last and lets them replace what others say. */
const OVERRIDE = 'rehearsal_override.tf.json';

/** Where a rehearsal works: copies of the stacks, their state, and what was made. */
export interface Workspace {
  /** Folder of everything that is gone with the rehearsal. */
  readonly folder: string;
  /** Objects that were made. */
  readonly objects: string;
  /** State of the stacks. */
  readonly state: string;
}

/**
 * @param folder - what is gone with the rehearsal
 * @param store - what outlives it
 */
export function workspaceIn(folder: string, store: string): Workspace {
  const workspace = { folder: resolve(folder), objects: resolve(store, 'objects'), state: resolve(store, 'state') };
  for (const path of Object.values(workspace)) mkdirSync(path, { recursive: true });
  return workspace;
}

export const stateFile = ({ state }: Workspace, stack: string): string => join(state, `${stack}.tfstate`);

/** Resource types that the states hold, whether or not a stack still has them. */
export function typesInStates(state: string): string[] {
  // As text: Terraform may be writing one of them.
  const texts = readdirSync(state).filter((name) => name.endsWith('.tfstate')).map((name) => readFileSync(join(state, name), 'utf8'));
  return [...new Set(texts.flatMap((text) => [...text.matchAll(/"type":\s*"([a-z0-9_]+)"/g)].map(([, type]) => type as string)))];
}

/** How deep modules may lie in each other's folders. */
const DEPTH = 8;

/** Types of the modules below a folder: those that a stack brought with it, and those that Terraform has fetched. */
export function typesInModules(folder: string, depth = DEPTH): string[] {
  if (depth === 0) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'providers' && basename(folder) === '.terraform' ? [] : typesInModules(path, depth - 1);
    if (entry.name.endsWith('.tf')) return [...readFileSync(path, 'utf8').matchAll(/^\s*(?:resource|data)\s+"?([a-z0-9_]+)"?\s/gm)].map(([, type]) => type as string);
    return entry.name.endsWith('.tf.json') && depth < DEPTH ? typesInJson(readFileSync(path, 'utf8')) : [];
  });
}

/** What cannot be read is Terraform's to refuse. */
function typesInJson(text: string): string[] {
  try {
    const { resource, data } = JSON.parse(text) as { resource?: unknown; data?: unknown };
    return [resource, data].flatMap((blocks) => [blocks ?? {}].flat().flatMap((one) => Object.keys(one)));
  } catch {
    return [];
  }
}

/** Whether nothing is left that a stack has made. */
export const statesAreEmpty = ({ state }: Workspace): boolean => readdirSync(state).filter((name) => name.endsWith('.tfstate')).every((name) => resourcesIn(join(state, name)).length === 0);

function resourcesIn(file: string): { type: string; mode: string }[] {
  const { resources = [] } = JSON.parse(readFileSync(file, 'utf8')) as { resources?: { type: string; mode: string }[] };
  return resources.filter(({ mode }) => mode === 'managed');
}

/**
 * Copies a stack into the workspace, with an override beside it that turns its backend, and every state that it reads, into files of
 * the workspace. What was synthesized is not changed.
 */
export function copyStack(workspace: Workspace, stack: SynthesizedStack, all: readonly SynthesizedStack[]): string {
  const folder = join(workspace.folder, 'stacks', stack.name);
  if (existsSync(folder) && !existsSync(join(folder, OVERRIDE))) throw notOurs(folder);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  cpSync(stack.folder, folder, { recursive: true, filter: (path) => !['.terraform', '.terraform.lock.hcl', OVERRIDE].includes(basename(path)) && !basename(path).endsWith('.tfstate') });
  writeOverride(workspace, stack, all, folder);
  return folder;
}

/** What a rehearsal has not written itself it neither replaces nor adds to. */
export const notOurs = (folder: string): TenantryError => new TenantryError('input', { code: 'rehearsal/keep-taken', at: folder, problem: 'The folder of --keep holds this already, and no rehearsal has written it: it would be replaced.', fix: 'Give --keep a folder of its own, such as .tenantry/rehearsal.' });

/** Writes the override of a stack into a folder that holds its `cdk.tf.json`. */
export function writeOverride(workspace: Workspace, stack: SynthesizedStack, all: readonly SynthesizedStack[], folder: string): void {
  const states = Object.fromEntries(Object.entries(stack.configuration.data?.['terraform_remote_state'] ?? {}).map(([name, block]) => {
    const source = sourceOf(name, block, all);
    if (source === undefined) {
      throw new TenantryError('input', {
        code: 'rehearsal/foreign-state', at: stack.constructPath, problem: `The stack reads the state ${JSON.stringify(name)}, which none of the stacks here writes.`,
        fix: 'Rehearse both applications with one store, or give what it reads as a property.',
      });
    }
    return [name, { backend: 'local', config: { path: stateFile(workspace, source) } }];
  }));
  const override = {
    terraform: { backend: { local: { path: stateFile(workspace, stack.name) } } },
    ...(Object.keys(states).length === 0 ? {} : { data: { terraform_remote_state: states } }),
  };
  writeFileSync(join(folder, OVERRIDE), `${JSON.stringify(override, null, 2)}\n`);
}

/** Arguments of the backends that say where a state lies; the others say how it is reached. */
const PLACE = ['bucket', 'key', 'path', 'container_name', 'storage_account_name', 'prefix', 'address', 'organization', 'workspaces', 'schema_name', 'secret_suffix', 'namespace'];

/** The stack whose state is read: it is in the name that the synthesizer gave, or its backend is the one that is read from. */
function sourceOf(name: string, { backend, config }: { readonly backend?: unknown; readonly config?: unknown }, all: readonly SynthesizedStack[]): string | undefined {
  const [, named] = /^cross-stack-reference-input-(.+)$/.exec(name) ?? [];
  if (named !== undefined && all.some((stack) => stack.name === named)) return named;
  const wanted = config as Readonly<Record<string, unknown>> | undefined;
  return all.find(({ configuration }) => {
    const own = configuration.terraform?.backend?.[String(backend)] as Readonly<Record<string, unknown>> | undefined;
    return own !== undefined && wanted !== undefined && PLACE.some((part) => own[part] !== undefined) && PLACE.every((part) => isDeepStrictEqual(own[part], wanted[part]));
  })?.name;
}

/** Objects that must be freed before they can be destroyed, and how: what an operator would apply first. */
export interface Protection {
  readonly constructPath: string;
  readonly argument: string;
}

const PROTECTIONS: Readonly<Record<string, boolean>> = { deletion_protection: false, deletion_protection_enabled: false, skip_final_snapshot: true, force_destroy: true };

/** Writes an override that takes protection away, and says from what. */
export function liftProtection(folder: string, { configuration }: SynthesizedStack, pathOf: (address: string) => string | undefined): Protection[] {
  const lifted: Protection[] = [];
  const resource: Record<string, Record<string, Record<string, unknown>>> = {};
  for (const [type, named] of Object.entries(configuration.resource ?? ({}))) {
    for (const [name, block] of Object.entries(named)) {
      const free: Record<string, unknown> = Object.fromEntries(Object.entries(PROTECTIONS).filter(([argument, freed]) => Object.hasOwn(block, argument) && block[argument] !== freed));
      const lifecycle = block['lifecycle'] as { prevent_destroy?: boolean } | undefined;
      if (lifecycle?.prevent_destroy === true) free['lifecycle'] = { prevent_destroy: false };
      if (Object.keys(free).length === 0) continue;
      (resource[type] ??= {})[name] = free;
      for (const argument of Object.keys(free)) lifted.push({ constructPath: pathOf(`${type}.${name}`) ?? `${type}.${name}`, argument: argument === 'lifecycle' ? 'prevent_destroy' : argument });
    }
  }
  if (lifted.length > 0) writeFileSync(join(folder, `protection_${OVERRIDE}`), `${JSON.stringify({ resource } satisfies Pick<StackConfiguration, 'resource'>, null, 2)}\n`);
  return lifted;
}

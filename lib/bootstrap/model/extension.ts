import { PRELOADED, type ExtensionVersion, type ObjectSupport } from '../connect/object-probe';
import type { DeclaredExtension } from './objects';

/** Why the server as it is cannot have an extension, and what would change that. */
export interface Obstacle {
  readonly problem: string;
  readonly fix: string;
}

/** An extension as it is wanted in the databases of a server. */
export interface WantedExtension {
  readonly name: string;
  readonly schema: string;
  /** Whether the schema is made for extensions, and not that which the extension is tied to. */
  readonly ownSchema: boolean;
  /** The version that is kept. @default - whichever is there */
  readonly version?: string;
  readonly optional: boolean;
  readonly defaultVersion: string | null;
  /** As whom it is installed; `superuser` is none of ours. */
  readonly by: 'owner' | 'login' | 'superuser';
  readonly obstacle?: Obstacle;
  /** What is missing although it can be installed. */
  readonly lack?: string;
  /** It can be in the home database alone. */
  readonly homeOnly: boolean;
}

/** What each declared extension comes to on this server, each behind those that it requires. */
export function wantedExtensions(declared: readonly DeclaredExtension[], support: ObjectSupport, homeDatabase: string): WantedExtension[] {
  const wanted = new Map(declared.map((extension) => [extension.name, wantedOf(extension, declared, support, homeDatabase)]));
  const ordered = new Set<string>();
  const put = (name: string): void => {
    if (ordered.has(name) || !wanted.has(name)) return;
    for (const required of versionOf(declared.find((extension) => extension.name === name), support)?.requires ?? []) put(required);
    ordered.add(name);
  };
  for (const { name } of declared) put(name);
  return [...ordered].flatMap((name) => wanted.get(name) ?? []);
}

function versionOf(extension: DeclaredExtension | undefined, { available }: ObjectSupport): ExtensionVersion | undefined {
  const found = available.get(extension?.name ?? '');
  return found?.versions.find(({ version }) => version === (extension?.version ?? found.defaultVersion));
}

function wantedOf(extension: DeclaredExtension, all: readonly DeclaredExtension[], support: ObjectSupport, homeDatabase: string): WantedExtension {
  const { name, version, optional } = extension;
  const chosen = versionOf(extension, support);
  const tied = chosen?.schema ?? undefined;
  const preload = PRELOADED[name];
  const unloaded = preload === undefined || isLoaded(preload, support) ? undefined : unloadedBecause(preload, support);
  const obstacle = obstacleOf(extension, all, support, chosen) ?? (preload?.optional === true ? undefined : unloaded) ?? (preload?.onlyIn === undefined ? undefined : elsewhere(name, preload.onlyIn, support, homeDatabase));
  return {
    name, schema: tied ?? extension.schema, ownSchema: tied === undefined, ...(version === undefined ? {} : { version }), optional, defaultVersion: support.available.get(name)?.defaultVersion ?? null,
    // What a trusted one makes belongs to a superuser. Functions of the others would be the owner's, whose new functions PUBLIC may not execute.
    by: chosen === undefined || (chosen.superuser && chosen.trusted) ? 'owner' : !chosen.superuser || support.installsUntrusted ? 'login' : 'superuser',
    ...(obstacle === undefined ? {} : { obstacle }), ...(preload?.optional === true && unloaded !== undefined ? { lack: unloaded.problem } : {}), homeOnly: preload?.onlyIn !== undefined,
  };
}

function obstacleOf({ name, version, schema, schemaGiven }: DeclaredExtension, all: readonly DeclaredExtension[], { available, rdsExtensions, rdsAllowedExtensions }: ObjectSupport, chosen: ExtensionVersion | undefined): Obstacle | undefined {
  const found = available.get(name);
  if (found === undefined || (rdsExtensions !== null && !rdsExtensions.includes(name))) {
    return { problem: 'the server does not have it', fix: `Install its package on the server, or use an engine that offers it${rdsExtensions === null ? '' : ' (rds.extensions lists what this one offers)'}.` };
  }
  if (rdsAllowedExtensions !== null && !rdsAllowedExtensions.includes(name)) return { problem: 'rds.allowed_extensions does not list it', fix: 'Add it to rds.allowed_extensions in the parameter group.' };
  if (chosen === undefined) {
    return { problem: `the server does not have version ${version ?? 'by default'}; it has ${found.versions.map((candidate) => candidate.version).join(', ')}`, fix: `Give extensions.${name}.version one of these, or leave it out.` };
  }
  if (schemaGiven && chosen.schema !== null && chosen.schema !== schema) return { problem: `it is tied to the schema ${chosen.schema}, and ${schema} is declared`, fix: `Remove extensions.${name}.schema.` };
  const missing = (chosen.requires ?? []).filter((required) => required !== 'plpgsql' && !all.some((other) => other.name === required));
  return missing.length === 0 ? undefined : { problem: `it requires ${missing.join(', ')}, which ${missing.length === 1 ? 'is' : 'are'} not declared`, fix: `Declare ${missing.map((required) => `extensions.${required}`).join(', ')} too.` };
}

const isLoaded = ({ library, setting }: { library: string; setting: string }, { preloaded, settings }: ObjectSupport): boolean => preloaded?.includes(library) === true || settings.has(setting);

function unloadedBecause({ library, without }: { library: string; without: string }, { preloaded }: ObjectSupport): Obstacle {
  const how = `Add ${library} to shared_preload_libraries (on RDS and Aurora in the parameter group), and restart the server.`;
  return preloaded === null
    ? { problem: `whether ${library} is preloaded cannot be seen, because the login may not read shared_preload_libraries; without it ${without}`, fix: `${how} Where it is preloaded: grant pg_read_all_settings to the login.` }
    : { problem: `${library} is not in shared_preload_libraries; without it ${without}`, fix: how };
}

function elsewhere(name: string, setting: string, { settings }: ObjectSupport, homeDatabase: string): Obstacle | undefined {
  const database = settings.get(setting);
  return database === undefined || database === homeDatabase ? undefined
    : { problem: `${setting} is ${database}, and it can be in that database alone`, fix: `Set ${setting} to ${homeDatabase}, and restart the server; or remove extensions.${name}.` };
}

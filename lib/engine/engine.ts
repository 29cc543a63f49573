import { TenantryError } from '../core/errors';
import { flawsIn, type IsolationFlaw, minorVersionIn, type VersionLifecycle } from '../core/postgresql-versions';
import { listOf, nearest } from '../core/text';
import { holdsToken } from '../core/tokens';
import { AURORA_POSTGRESQL } from './aurora-postgresql';
import type { EngineDefinition, EngineParameter, TlsVersion } from './engine-definition';

/** An engine in one version. */
export interface DatabaseEngine {
  readonly name: string;
  /** As it was given: a major version, or one with its minor. */
  readonly version: string;
  readonly major: string;
  /** Whether the minor version is given too, so that AWS must not raise it. */
  readonly pinned: boolean;
  readonly parameterGroupFamily: string;
  readonly parameters: readonly EngineParameter[];
  readonly logExports: readonly string[];
  /** The latest minor version that is known; undefined where nothing is. */
  readonly lifecycle: VersionLifecycle | undefined;
  /** Flaws of a pinned minor version that break the isolation of tenants. */
  readonly flaws: readonly IsolationFlaw[];
  readonly defaultPort: number;
  readonly reservedUsernames: readonly string[];
  /** Setting that refuses connections below a TLS version. */
  minimumTls(version: TlsVersion): EngineParameter;
}

const registry = new Map<string, EngineDefinition>([[AURORA_POSTGRESQL.name, AURORA_POSTGRESQL]]);

/** The engines that are known. */
export const Engine = {
  /** @param version - `17`, or `17.5` to decide about the minor version too */
  auroraPostgresql: (version: string): DatabaseEngine => Engine.of(AURORA_POSTGRESQL.name, version),

  /** A registered engine. */
  of(name: string, version: string): DatabaseEngine {
    const definition = registry.get(name);
    if (definition === undefined) {
      const near = nearest(name, [...registry.keys()]);
      throw new TenantryError('input', {
        code: 'engine/unknown', problem: `There is no engine ${JSON.stringify(name)}; known are ${listOf([...registry.keys()])}.`,
        fix: near === undefined ? 'Register it first: Engine.register({ name, versions, … })' : `Did you mean ${JSON.stringify(near)}?`,
      });
    }
    return bind(definition, version);
  },

  /** What is known of a version's minor versions; undefined for an engine or a version that is not registered, or only Terraform knows. */
  lifecycleOf(name: string, version: string): VersionLifecycle | undefined {
    const major = majorOf(version);
    return major === undefined ? undefined : registry.get(name)?.versions[major]?.lifecycle;
  },

  /** Adds an engine. What is made with another one does not change by it. */
  register(definition: EngineDefinition): void {
    if (registry.has(definition.name)) {
      throw new TenantryError('input', { code: 'engine/registered', problem: `There is an engine ${JSON.stringify(definition.name)} already.`, fix: 'Existing stacks depend on it; choose another name.' });
    }
    registry.set(definition.name, structuredClone(definition));
  },
};

const majorOf = (version: string): string | undefined => /^(\d+)(\.\d+)*$/.exec(version)?.[1];

function bind(definition: EngineDefinition, version: string): DatabaseEngine {
  if (holdsToken(version)) {
    throw new TenantryError('input', { code: 'engine/version-unknown', problem: `The version of ${definition.name} is a value that only Terraform knows, and the family of its parameters is chosen at synthesis.`, fix: 'Give the version as text.' });
  }
  const known = Object.keys(definition.versions);
  const major = majorOf(version);
  const found = major === undefined ? undefined : definition.versions[major];
  if (major === undefined || found === undefined) {
    throw new TenantryError('input', {
      code: 'engine/unknown-version', problem: `${definition.name} has no version ${JSON.stringify(version)} here; known are ${listOf(known)}.`,
      fix: `Give one of them, with or without a minor version: ${known.map((one) => JSON.stringify(one)).join(', ')}.`,
    });
  }
  const minor = minorVersionIn(version);
  return {
    name: definition.name,
    version,
    major,
    pinned: version !== major,
    parameterGroupFamily: found.parameterGroupFamily,
    parameters: found.parameters,
    logExports: found.logExports,
    lifecycle: found.lifecycle,
    flaws: minor === undefined || definition.numbering !== 'postgresql' ? [] : flawsIn(minor),
    defaultPort: definition.defaultPort,
    reservedUsernames: definition.reservedUsernames,
    minimumTls: (tls) => ({ name: definition.tls.parameter, value: definition.tls.values[tls], applyMethod: 'immediate' }),
  };
}

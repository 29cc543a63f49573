import type { VersionLifecycle } from '../core/postgresql-versions';
import type { ParameterRow } from './parameters/definition';
import type { EngineParameter } from './parameters/value';

export type { EngineParameter, ParameterValue } from './parameters/value';

/** One major version of an engine. */
export interface EngineVersionDefinition {
  /** Family of its parameter groups, of clusters and of instances. */
  readonly parameterGroupFamily: string;
  /** Settings that every database of this version gets. */
  readonly parameters: readonly EngineParameter[];
  /** Logs that CloudWatch receives, of a cluster and of an instance. */
  readonly logExports: readonly string[];
  /**
   * The latest minor version that the engine offers, how long that is known, and the last day of standard support.
   *
   * @default - not known, and not judged
   */
  readonly lifecycle?: VersionLifecycle;
  /**
   * The latest patch of each minor version with long-term support: it gets the fixes that matter, and is not behind.
   *
   * @default - none
   */
  readonly longTermSupport?: readonly string[];
}

/** What is registered about an engine. */
export interface EngineDefinition {
  /** As AWS names it, for instance `aurora-postgresql`. */
  readonly name: string;
  /** For people, for instance `Aurora PostgreSQL`. @default - the name */
  readonly label?: string;
  /** Whose SQL it speaks. */
  readonly language: 'postgresql' | 'mysql';
  /** Aurora's storage is shared by all instances and grows by itself; that of RDS belongs to an instance and is declared. */
  readonly storage: 'aurora' | 'rds';
  /** Whether tokens of IAM are taken as passwords. @default false */
  readonly iamAuthentication?: boolean;
  readonly defaultPort: number;
  /** Whose numbers its versions have: with PostgreSQL's, its flaws are known by the version. @default - its own */
  readonly numbering?: 'postgresql';
  /** What follows the major version where the minor one is given, for instance `.5`. @default - numbers with dots */
  readonly minorPattern?: RegExp;
  /** Names that the engine keeps for itself. */
  readonly reservedUsernames: readonly string[];
  /** The longest name that the first login may have. @default 63 */
  readonly maxUsernameLength?: number;
  /** Setting of the lowest TLS version that a connection may have. */
  readonly tls: {
    readonly parameter: string;
    readonly values: Readonly<Record<TlsVersion, string>>;
    /** @default 'immediate' */
    readonly applyMethod?: EngineParameter['applyMethod'];
  };
  /** Settings of the template that protect connections and passwords, and that nobody changes. @default - all of the template */
  readonly fixedParameters?: readonly string[];
  /** Setting from which on a statement counts as slow. @default - none, and no statement does */
  readonly slowStatement?: { readonly parameter: string; readonly unit: 'ms' | 's' };
  /** What is known of its parameters. @default - nothing: they are not checked, and take effect at the next restart */
  readonly parameterCatalogue?: readonly ParameterRow[];
  /** By major version. */
  readonly versions: Readonly<Record<string, EngineVersionDefinition>>;
}

export type TlsVersion = '1.2' | '1.3';

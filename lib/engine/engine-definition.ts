import type { VersionLifecycle } from '../core/postgresql-versions';

/** One setting of a parameter group. */
export interface EngineParameter {
  readonly name: string;
  readonly value: string;
  /** `immediate` for a dynamic parameter, `pending-reboot` for a static one: what AWS answers, or every plan would show a change. */
  readonly applyMethod: 'immediate' | 'pending-reboot';
}

/** One major version of an engine. */
export interface EngineVersionDefinition {
  /** Family of its parameter groups. */
  readonly parameterGroupFamily: string;
  /** Settings that every database of this version gets. */
  readonly parameters: readonly EngineParameter[];
  /** Logs that CloudWatch receives. */
  readonly logExports: readonly string[];
  /** The latest minor version that the engine offers, and how long that is known. @default - not known, and not judged */
  readonly lifecycle?: VersionLifecycle;
}

/** What is registered about an engine. */
export interface EngineDefinition {
  /** As AWS names it, for instance `aurora-postgresql`. */
  readonly name: string;
  readonly defaultPort: number;
  /** Whose numbers its versions have: with PostgreSQL's, its flaws are known by the version. @default - its own */
  readonly numbering?: 'postgresql';
  /** Names that the engine keeps for itself. */
  readonly reservedUsernames: readonly string[];
  /** Setting of the lowest TLS version that a connection may have. */
  readonly tls: { readonly parameter: string; readonly values: Readonly<Record<TlsVersion, string>> };
  /** By major version. */
  readonly versions: Readonly<Record<string, EngineVersionDefinition>>;
}

export type TlsVersion = '1.2' | '1.3';

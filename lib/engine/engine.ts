import type { Duration } from '../core/duration';
import { type Complaint, refuse, TenantryError } from '../core/errors';
import { flawsIn, type IsolationFlaw, minorVersionIn, type VersionLifecycle } from '../core/postgresql-versions';
import { checkShape, text } from '../core/shape';
import { shown } from '../core/shown';
import { listOf, nearest } from '../core/text';
import { holdsToken } from '../core/tokens';
import { AURORA_MYSQL } from './aurora-mysql';
import { AURORA_POSTGRESQL } from './aurora-postgresql';
import type { EngineDefinition, EngineVersionDefinition, TlsVersion } from './engine-definition';
import { isBehind, majorIn } from './engine-version';
import { checkParameters } from './parameters/check';
import { catalogueOf, type ParameterDefinition, type ParameterGroupKind } from './parameters/definition';
import { slowStatementIn } from './parameters/slow-statement';
import { type EngineParameter, type ParameterValues, toParameter } from './parameters/value';
import { RDS_MYSQL } from './rds-mysql';
import { RDS_POSTGRESQL } from './rds-postgresql';
import { engineDefinition, parameterValues } from './shape';

/** An engine in one version. */
export interface DatabaseEngine {
  /** As AWS names it, for instance `aurora-postgresql`. */
  readonly name: string;
  /** For people: `Aurora PostgreSQL`. */
  readonly label: string;
  readonly language: 'postgresql' | 'mysql';
  readonly storage: 'aurora' | 'rds';
  readonly iamAuthentication: boolean;
  /** As it was given: a major version, or one with its minor. */
  readonly version: string;
  readonly major: string;
  /** Whether the minor version is given too, so that AWS must not raise it. */
  readonly pinned: boolean;
  /** Whether it is pinned to a minor version before the latest that is known, or before the latest patch of one with long-term support. */
  readonly isBehindLatest: boolean;
  /** Of parameter groups of clusters and of instances. */
  readonly parameterGroupFamily: string;
  /** The template. */
  readonly parameters: readonly EngineParameter[];
  /** Of a cluster and of an instance. */
  readonly logExports: readonly string[];
  /** The latest minor version that is known; undefined where nothing is. */
  readonly lifecycle: VersionLifecycle | undefined;
  /** The last day of standard support; undefined where it is not known. */
  readonly endOfSupport: string | undefined;
  /** Later major versions, the nearest first. */
  readonly successors: readonly string[];
  /** Flaws of a pinned minor version that break the isolation of tenants. */
  readonly flaws: readonly IsolationFlaw[];
  readonly defaultPort: number;
  readonly reservedUsernames: readonly string[];
  /** The longest name that the first login may have. */
  readonly maxUsernameLength: number;
  /** Definitions by name. Empty where nothing is known of the engine's parameters. */
  readonly parameterCatalogue: ReadonlyMap<string, ParameterDefinition>;
  /** What is wrong with a lowest TLS version: connections must not be admitted with less than is meant. */
  checkTls(version: unknown): Complaint[];
  /** Setting that refuses connections below a TLS version. */
  minimumTls(version: TlsVersion): EngineParameter;
  /** Settings that protect connections and passwords, and that nobody changes. */
  fixedParameters(minimumTls: TlsVersion): readonly EngineParameter[];
  /**
   * What is wrong with the settings of a user: the first fault of each. Values that only Terraform knows, and raw ones, are taken as they are.
   *
   * @param group - where they are to stand; default: the parameter group of a cluster
   */
  checkParameters(values: ParameterValues, group?: ParameterGroupKind): Complaint[];
  /** The settings of a parameter group, sorted by name: template, lowest TLS version, and what the user gives instead or besides. */
  parameterGroup(values: ParameterValues, minimumTls: TlsVersion): readonly EngineParameter[];
  /** Those of the parameters that take effect at the next restart only. One that is not in the catalogue may be one of them, and counts. */
  needsReboot(names: readonly string[]): readonly string[];
  /**
   * From here a statement is slow and logged, as the parameter group says.
   *
   * @param values - of the user; one that only Terraform knows counts as the template's
   * @returns undefined where slow statements are not logged
   */
  slowStatement(values?: ParameterValues): Duration | undefined;
  /** The setting that makes a statement slow from here on; nothing where the engine has none. */
  slowStatementFrom(limit: Duration): ParameterValues;
}

const registry = new Map<string, EngineDefinition>([AURORA_POSTGRESQL, AURORA_MYSQL, RDS_POSTGRESQL, RDS_MYSQL].map((definition) => [definition.name, definition]));

/** The engines that are known. */
export const Engine = {
  /** @param version - `17`, or `17.5` to decide about the minor version too */
  auroraPostgresql: (version: string): DatabaseEngine => Engine.of(AURORA_POSTGRESQL.name, version),

  /** @param version - `8.4`, or `8.4.mysql_aurora.8.4.8` to decide about the minor version too */
  auroraMysql: (version: string): DatabaseEngine => Engine.of(AURORA_MYSQL.name, version),

  /** PostgreSQL of RDS. @param version - `17`, or `17.5` to decide about the minor version too */
  postgresql: (version: string): DatabaseEngine => Engine.of(RDS_POSTGRESQL.name, version),

  /** MySQL of RDS. @param version - `8.4`, or `8.4.11` to decide about the minor version too */
  mysql: (version: string): DatabaseEngine => Engine.of(RDS_MYSQL.name, version),

  /** A registered engine. */
  of(name: string, version: string): DatabaseEngine {
    refuse([...checkShape(text, name, { module: 'engine', at: 'Engine.of: name' }), ...checkShape(text, version, { module: 'engine', at: 'Engine.of: version' })]);
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
    const definition = registry.get(name);
    const major = definition === undefined ? undefined : majorIn(definition, version);
    return major === undefined ? undefined : definition?.versions[major]?.lifecycle;
  },

  /** Whose SQL a registered engine speaks; undefined for one that is not registered, or only Terraform knows. */
  languageOf: (name: string): DatabaseEngine['language'] | undefined => registry.get(name)?.language,

  /** Where a registered engine listens unless it is told otherwise; undefined for one that is not registered, or only Terraform knows. */
  defaultPortOf: (name: string): number | undefined => registry.get(name)?.defaultPort,

  /** Adds an engine. What is made with another one does not change by it. */
  register(definition: EngineDefinition): void {
    refuse(checkShape(engineDefinition, definition, { module: 'engine', at: 'Engine.register' }));
    if (registry.has(definition.name)) {
      throw new TenantryError('input', { code: 'engine/registered', problem: `There is an engine ${JSON.stringify(definition.name)} already.`, fix: 'Existing stacks depend on it; choose another name.' });
    }
    registry.set(definition.name, structuredClone(definition));
  },
};

/** What is of another kind is not looked at any further. */
const firstOf = (complaints: Complaint[], otherwise: () => Complaint[]): Complaint[] => (complaints.length > 0 ? complaints : otherwise());

function bind(definition: EngineDefinition, version: string): DatabaseEngine {
  if (holdsToken(version)) {
    throw new TenantryError('input', { code: 'engine/version-unknown', problem: `The version of ${definition.name} is a value that only Terraform knows, and the family of its parameters is chosen at synthesis.`, fix: 'Give the version as text.' });
  }
  const known = Object.keys(definition.versions).sort((a, b) => Number(a) - Number(b));
  const major = majorIn(definition, version);
  const found = major === undefined ? undefined : definition.versions[major];
  if (major === undefined || found === undefined) {
    throw new TenantryError('input', {
      code: 'engine/unknown-version', problem: `${definition.name} has no version ${JSON.stringify(version)} here; known are ${listOf(known)}.`,
      fix: `Give one of them, with or without a minor version: ${known.map((one) => JSON.stringify(one)).join(', ')}.`,
    });
  }
  const { name, label = name, language, storage } = definition;
  const minor = minorVersionIn(version);
  const pinned = version !== major;
  return {
    name,
    label,
    language,
    storage,
    iamAuthentication: definition.iamAuthentication ?? false,
    version,
    major,
    pinned,
    isBehindLatest: pinned && isBehind(version, found),
    parameterGroupFamily: found.parameterGroupFamily,
    parameters: found.parameters,
    logExports: found.logExports,
    lifecycle: found.lifecycle,
    endOfSupport: found.lifecycle?.endOfSupport,
    successors: known.slice(known.indexOf(major) + 1),
    flaws: minor === undefined || definition.numbering !== 'postgresql' ? [] : flawsIn(minor),
    defaultPort: definition.defaultPort,
    reservedUsernames: definition.reservedUsernames,
    maxUsernameLength: definition.maxUsernameLength ?? 63,
    ...parametersOf(definition, major, found),
  };
}

type Parameters = Pick<DatabaseEngine, 'parameterCatalogue' | 'checkTls' | 'minimumTls' | 'fixedParameters' | 'checkParameters' | 'parameterGroup' | 'needsReboot' | 'slowStatement' | 'slowStatementFrom'>;

function parametersOf(definition: EngineDefinition, major: string, { parameters: template }: EngineVersionDefinition): Parameters {
  const { name, label = name, language, tls, slowStatement, fixedParameters = template.map((parameter) => parameter.name) } = definition;
  const parameterCatalogue = new Map(definitionsOf(definition, major).map((one) => [one.name, one]));
  const minimumTls = (lowest: TlsVersion): EngineParameter => {
    refuse(checkTls(lowest));
    return { name: tls.parameter, value: tls.values[lowest], applyMethod: tls.applyMethod ?? 'immediate' };
  };
  const checkTls = (lowest: unknown): Complaint[] => (typeof lowest === 'string' && Object.hasOwn(tls.values, lowest) ? [] : [{
    code: 'engine/tls-version', problem: `The lowest TLS version is ${shown(lowest)}; ${label} ${major} takes ${listOf(Object.keys(tls.values).map((one) => JSON.stringify(one)), 'or')} here.`,
    fix: `Leave it out for '1.3', or for old clients: minimumTls: '1.2'.`,
  }]);
  return {
    parameterCatalogue,
    checkTls,
    minimumTls,
    fixedParameters: (lowest) => [...template.filter((parameter) => fixedParameters.includes(parameter.name)), minimumTls(lowest)],
    checkParameters: (values, group = 'cluster') => firstOf(checkShape(parameterValues, values, { module: 'engine', at: 'parameters' }), () => checkParameters(values, {
      engine: `${label} ${major}`,
      catalogue: parameterCatalogue,
      others: (parameter) => enginesWith(parameter, definition),
      group,
      variables: ['DBInstanceClassMemory', 'AllocatedStorage', 'EndPointPort', ...(language === 'postgresql' ? ['DBInstanceVCPU'] : [])],
    })),
    parameterGroup: (values, lowest) => {
      const own = Object.entries(values).map(([parameter, value]) => toParameter(parameter, value, parameterCatalogue.get(parameter)));
      const all = new Map([...template, minimumTls(lowest), ...own].map((parameter) => [parameter.name, parameter]));
      return [...all.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    needsReboot: (names) => names.filter((parameter) => parameterCatalogue.get(parameter)?.static !== false),
    slowStatement: (values = {}) => (slowStatement === undefined ? undefined : slowStatementIn(slowStatement, values, template)),
    slowStatementFrom: (limit) => (slowStatement === undefined ? {} : { [slowStatement.parameter]: exactly(limit.toSeconds() * (slowStatement.unit === 'ms' ? 1000 : 1)) }),
  };
}

/** Without what binary fractions add: 1.005 seconds are 1004.9999999999999 milliseconds. */
const exactly = (amount: number): number => Number(amount.toFixed(6));

const definitionsOf = ({ parameterCatalogue = [], storage }: EngineDefinition, major: string): ParameterDefinition[] => catalogueOf(parameterCatalogue, storage, Number(major));

/** Who else knows a parameter: other versions of the engine, and other engines. */
function enginesWith(parameter: string, own: EngineDefinition): string[] {
  return [...registry.values()].flatMap((definition) => {
    const majors = Object.keys(definition.versions).filter((major) => definitionsOf(definition, major).some(({ name }) => name === parameter));
    const { name, label = name } = definition;
    return majors.length === 0 ? [] : [definition.name === own.name ? `${label} ${listOf(majors)}` : label];
  });
}

/** What sizes and limits ask of an engine; every `DatabaseEngine` has it. */
export interface SizedEngine {
  /** As AWS names it, for instance `aurora-postgresql`. */
  readonly name: string;
  /** For people: `Aurora PostgreSQL`. */
  readonly label: string;
  /** As it was given: a major version, or one with its minor. */
  readonly version: string;
  readonly language: 'postgresql' | 'mysql';
  readonly storage: 'aurora' | 'rds';
}

/** One of the four that AWS sells sizes for. */
export type Offering = `${SizedEngine['storage']}-${SizedEngine['language']}`;

export const offeringOf = ({ storage, language }: SizedEngine): Offering => `${storage}-${language}`;

/** A minor version in its series: 17.5 is 5 in the series 17, MySQL 8.0.40 is 40 in 8.0, Aurora MySQL 8.0.mysql_aurora.3.08.0 is 8 in 3, 8.4.mysql_aurora.8.4.8 is 8 in 8.4. */
export interface Release {
  readonly series: string;
  readonly minor: number;
}

/** The minor version that is named in a version; undefined where AWS chooses it. */
export function releaseOf({ version, storage, language }: Pick<SizedEngine, 'version' | 'storage' | 'language'>): Release | undefined {
  const [, series, minor] = FORMS[`${storage}-${language}`].exec(version) ?? [];
  return series === undefined || minor === undefined ? undefined : { series, minor: Number(minor) };
}

const FORMS: Readonly<Record<Offering, RegExp>> = {
  'aurora-postgresql': /^(\d+)\.(\d+)/,
  'aurora-mysql': /aurora\.(8\.4|\d+)\.(\d+)/,
  'rds-postgresql': /^(\d+)\.(\d+)/,
  'rds-mysql': /^(\d+\.\d+)\.(\d+)/,
};

/**
 * The first release of its series that has something, of a list as `17.5, 16.9`; undefined where that series is not listed, or no minor version is named.
 */
export function neededRelease(engine: SizedEngine, firstReleases: readonly string[]): string | undefined {
  const given = releaseOf(engine);
  if (given === undefined) return undefined;
  return firstReleases.find((first) => {
    const minor = Number(first.slice(given.series.length + 1));
    return first.startsWith(`${given.series}.`) && minor > given.minor;
  });
}

/** What is known of a major version's minor versions, and for how long that holds. */
export interface VersionLifecycle {
  /** The latest minor version that is known, for instance `17.12`. */
  readonly latestMinor: string;
  /** The day from which a newer one may be there: the next planned release of PostgreSQL. */
  readonly knownUntil: string;
  /** The last day with fixes. */
  readonly endOfSupport: string;
}

/** A flaw by which statements of a program that does everything right reach other rows than their role and tenant may reach. */
export interface IsolationFlaw {
  readonly cve: string;
  readonly what: string;
  /** The first minor version without it, by major. A major that is not listed never had it. */
  readonly mended: Readonly<Record<number, number>>;
  readonly source: string;
}

/**
 * Second Thursday of February 2027: the community plans minor releases for those of February, May, August and November.
 * Source: postgresql.org/developer/roadmap.
 */
export const NEXT_MINOR_RELEASES = '2027-02-11';

/**
 * By major version. Sources: the minor versions of November 2026 from the range of CVE-2026-120146, by postgresql.org, published on
 * 13 November 2026; the last days from postgresql.org/support/versioning.
 */
export const POSTGRESQL_LIFECYCLES: Readonly<Record<number, VersionLifecycle>> = {
  15: { latestMinor: '15.20', knownUntil: NEXT_MINOR_RELEASES, endOfSupport: '2027-11-11' },
  16: { latestMinor: '16.16', knownUntil: NEXT_MINOR_RELEASES, endOfSupport: '2028-11-09' },
  17: { latestMinor: '17.12', knownUntil: NEXT_MINOR_RELEASES, endOfSupport: '2029-11-08' },
  18: { latestMinor: '18.7', knownUntil: NEXT_MINOR_RELEASES, endOfSupport: '2030-11-14' },
};

/**
 * Flaws that a program only has to meet: it changes its role in one session and reuses a plan, or sends a MERGE. Those that need SQL of an
 * attacker's own, or objects that no declaration makes, are not here; `lib/bootstrap/README.md` names them and why.
 */
export const ISOLATION_FLAWS: readonly IsolationFlaw[] = [
  { cve: 'CVE-2023-2455', what: 'policies of another role after a function was inlined', mended: { 14: 8, 15: 3 }, source: 'PostgreSQL 15.3, release notes' },
  { cve: 'CVE-2023-39418', what: 'MERGE does not obey the policies for UPDATE and SELECT', mended: { 15: 4 }, source: 'PostgreSQL 15.4, release notes' },
  { cve: 'CVE-2024-10976', what: 'plans with policies of another role below a subquery', mended: { 14: 14, 15: 9, 16: 5, 17: 1 }, source: 'PostgreSQL 17.1, 16.5 and 15.9, release notes' },
  { cve: 'CVE-2024-10978', what: 'SET ROLE reset to another role', mended: { 14: 14, 15: 9, 16: 5, 17: 1 }, source: 'PostgreSQL 17.1, 16.5 and 15.9, release notes' },
];

export interface MinorVersion {
  readonly major: number;
  readonly minor: number;
}

/** `17.12` as numbers; undefined where the text does not name a minor version. Later parts, as in `17.12.1` of Aurora, are patches. */
export function minorVersionIn(text: string): MinorVersion | undefined {
  const [, major, minor] = /^(\d+)\.(\d+)(?:\.\d+)*$/.exec(text) ?? [];
  return major === undefined || minor === undefined ? undefined : { major: Number(major), minor: Number(minor) };
}

export const flawsIn = ({ major, minor }: MinorVersion): IsolationFlaw[] => ISOLATION_FLAWS.filter(({ mended }) => minor < (mended[major] ?? 0));

/** `CVE-2024-10976 (plans …)`, and the first version of the major that has none of the flaws. */
export function describeFlaws(major: number, flaws: readonly IsolationFlaw[]): { readonly names: string; readonly mendedIn: string } {
  return { names: flaws.map(({ cve, what }) => `${cve} (${what})`).join(', '), mendedIn: `${major}.${Math.max(...flaws.map(({ mended }) => mended[major] ?? 0))}` };
}

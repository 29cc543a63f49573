import { describeFlaws, flawsIn, type IsolationFlaw, minorVersionIn, POSTGRESQL_LIFECYCLES, type VersionLifecycle } from '../../core/postgresql-versions';
import type { ManifestServer } from '../../manifest/format';
import { finding, refusal } from '../kinds/kind';
import type { Capabilities } from '../model/server';
import type { Difference } from '../plan/difference';

/** The kind of differences that concern the server's program, not what is in it. */
export const SERVER_VERSION = 'server version';

export interface VersionFinding {
  readonly code: 'server/minor-version' | 'server/versions-outdated' | 'server/end-of-support';
  readonly summary: string;
}

/** What the calendar and the known flaws say of a server's version. */
export interface VersionVerdict {
  /** For instance `15.18`. */
  readonly version: string;
  /** What it was judged by; undefined for a major version that is not known. */
  readonly lifecycle?: VersionLifecycle;
  readonly flaws: readonly IsolationFlaw[];
  readonly findings: readonly VersionFinding[];
}

/**
 * Judges a version. A pure function of its arguments.
 *
 * @param versionNumber - as `server_version_num` has it, for instance 180004
 * @param lifecycle - what the engine's registry knows, for a server that gets its minor versions later than the community publishes them
 */
export function judgeVersion(versionNumber: number, lifecycle: VersionLifecycle | undefined, today: Date): VersionVerdict {
  const live = { major: Math.floor(versionNumber / 10_000), minor: versionNumber % 10_000 };
  const version = `${live.major}.${live.minor}`;
  const known = lifecycle !== undefined && minorVersionIn(lifecycle.latestMinor)?.major === live.major ? lifecycle : POSTGRESQL_LIFECYCLES[live.major];
  const flaws = flawsIn(live);
  if (known === undefined) {
    return { version, flaws, findings: [{ code: 'server/versions-outdated', summary: `this release of tenantry knows no minor version of PostgreSQL ${live.major}, and cannot judge ${version}` }] };
  }
  const day = today.toISOString().slice(0, 10);
  const findings: VersionFinding[] = [];
  if (live.minor < (minorVersionIn(known.latestMinor)?.minor ?? 0)) {
    findings.push({ code: 'server/minor-version', summary: `PostgreSQL ${version} is behind ${known.latestMinor}, the latest that is known until ${known.knownUntil}` });
  }
  if (day >= known.knownUntil) {
    findings.push({ code: 'server/versions-outdated', summary: `this release of tenantry knows PostgreSQL ${live.major} up to ${known.latestMinor}; newer versions were due on ${known.knownUntil}` });
  }
  if (day > known.endOfSupport) {
    findings.push({ code: 'server/end-of-support', summary: `PostgreSQL ${live.major} gets no fixes any more: its support ended on ${known.endOfSupport}` });
  }
  return { version, lifecycle: known, flaws, findings };
}

/** RDS and Aurora trail the community, so the engine's registry counts there. The same manifest may be tried on another server. */
export const judgeServer = ({ versionNumber, hasRdsIam }: Capabilities, server: ManifestServer | undefined, today: Date): VersionVerdict =>
  judgeVersion(versionNumber, hasRdsIam ? server?.lifecycle : undefined, today);

export function versionDifferences({ version, lifecycle, flaws, findings }: VersionVerdict): Difference[] {
  const at = { kind: SERVER_VERSION, target: 'server' };
  const notes = findings.map((found) => finding({ ...at, ...found }));
  if (flaws.length === 0) return notes;
  const { names, mendedIn } = describeFlaws(Number.parseInt(version, 10), flaws);
  return [refusal({
    ...at, code: 'server/isolation-flaw', blocking: true, summary: `PostgreSQL ${version} does not keep tenants apart: ${names}`,
    fix: `Upgrade the server to ${mendedIn} or later${lifecycle === undefined ? '' : `; ${lifecycle.latestMinor} is the latest that is known`}.`,
  }), ...notes];
}

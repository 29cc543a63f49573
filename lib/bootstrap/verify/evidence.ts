import type { TenantContext } from '../../declaration/tenant-context';
import type { Isolation } from '../../declaration/types';
import type { VersionFinding } from '../catalog/minor-version';

/** `breached` and `unknown` fail a verification. */
export type Verdict = 'denied' | 'accepted' | 'breached' | 'unknown' | 'not applicable';

/** Where an attack was tried: in a place of one isolation mode, or on the server as a whole. */
export type AttackMode = Isolation | 'server';

/** One attack on one object. Holds no row contents, no names of probe tenants and no times, so that two runs can be compared. */
export interface AttackResult {
  readonly attack: string;
  readonly mode: AttackMode;
  /** `database.schema`, or `server`. */
  readonly place: string;
  readonly table?: string;
  readonly role?: string;
  readonly verdict: Verdict;
  /** What had to be seen, for instance `42501` or `0 rows`. */
  readonly expected: string;
  /** What was seen: an SQLSTATE, a number of rows, or names of objects. */
  readonly observed: string;
  /** What shows that the attack could have succeeded: it was seen in the same transaction. */
  readonly control: string;
  readonly reason?: string;
  readonly remedy?: string;
}

export interface AcceptedRisk {
  readonly attack: string;
  readonly reason: string;
  readonly remedy: string;
}

/** Tenants whose places have the same catalog. Of each class some are attacked. */
export interface TenantClass {
  readonly mode: Isolation;
  readonly fingerprint: string;
  readonly tenants: number;
  readonly attacked: readonly string[];
}

export interface Evidence {
  readonly format: 'tenantry/evidence@1';
  readonly declaration: string;
  readonly address: string;
  /** The server, where one tenant has it for itself. @default - it is the home's */
  readonly cell?: string;
  readonly environment: string;
  /** The tenant context that is declared, and was attacked. */
  readonly tenantContext: TenantContext;
  readonly server: { readonly version: string; readonly auroraVersion?: string; readonly login: string; readonly loginIsSuperuser: boolean; readonly minorVersion: MinorVersionEvidence };
  readonly startedAt: string;
  readonly milliseconds: number;
  /** `isolated`: every attack was denied or is accepted with a reason. */
  readonly outcome: 'isolated' | 'breached' | 'unknown';
  readonly summary: EvidenceSummary;
  readonly accepted: readonly AcceptedRisk[];
  readonly access: { readonly roles: number; readonly grants: number; readonly policies: number };
  readonly classes: readonly TenantClass[];
  readonly results: readonly AttackResult[];
}

/** What the server's version was judged by, and how. `flaws` are those that break the isolation, and fail a verification. */
export interface MinorVersionEvidence {
  /** @default - the major version is not known */
  readonly latestMinor?: string;
  /** @default - the major version is not known */
  readonly knownUntil?: string;
  readonly flaws: readonly string[];
  readonly findings: readonly VersionFinding[];
}

export interface EvidenceSummary {
  readonly attacks: number;
  readonly tables: number;
  readonly roles: number;
  readonly modes: number;
  readonly denied: number;
  readonly accepted: number;
  readonly notApplicable: number;
  readonly breached: number;
  readonly unknown: number;
}

export function summarise(results: readonly AttackResult[]): EvidenceSummary {
  const distinct = (of: (result: AttackResult) => string | undefined): number => new Set(results.map(of).filter((value) => value !== undefined)).size;
  const count = (verdict: Verdict): number => results.filter((result) => result.verdict === verdict).length;
  return {
    attacks: distinct(({ attack }) => attack), tables: distinct(({ table }) => table), roles: distinct(({ role }) => role),
    modes: distinct(({ mode }) => (mode === 'server' ? undefined : mode)),
    denied: count('denied'), accepted: count('accepted'), notApplicable: count('not applicable'), breached: count('breached'), unknown: count('unknown'),
  };
}

/** A breach outweighs what is unknown, and nothing that was tried is no proof. */
export function outcomeOf({ breached, unknown, denied }: EvidenceSummary): Evidence['outcome'] {
  if (breached > 0) return 'breached';
  return unknown > 0 || denied === 0 ? 'unknown' : 'isolated';
}

/** Each accepted risk once, with the first attack that met it. */
export function acceptedRisks(results: readonly AttackResult[]): AcceptedRisk[] {
  const risks = new Map<string, AcceptedRisk>();
  for (const { attack, verdict, reason = '', remedy = '' } of results) {
    if (verdict === 'accepted' && !risks.has(reason)) risks.set(reason, { attack, reason, remedy });
  }
  return [...risks.values()];
}

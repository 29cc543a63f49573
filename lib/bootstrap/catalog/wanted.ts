import type { Client } from 'pg';
import type { Declaration } from '../../declaration/schema';
import { contextKeyName, contextOf } from '../../declaration/tenant-context';
import { identityOf } from '../../manifest/format';
import type { LoadedManifest } from '../../manifest/read';
import type { PasswordStore } from '../connect/password-store';
import { probeObjects } from '../connect/object-probe';
import { extensionsOf } from '../model/objects';
import { placesOfPasswords } from '../model/password-login';
import { type Blueprint, type DatabasePlan, databasesOf, type Placement } from '../model/place';
import { type Capabilities, type ServerPlan, serverPlan } from '../model/server';
import { beforeAnyEnded, type SupportState } from '../model/support';
import { wantedContextKeys } from '../model/tenant-context';
import { clockOf } from './clock';
import { type DeclaredForms, formsOf, type FormsFrom } from './declared-forms';
import { type AppliedState, readAppliedState } from './last-applied';
import type { Library, Registered } from './library';
import { isGone } from './offboarded';
import { readSupport } from './support';

/** What is wanted of a server. */
export interface Wanted {
  readonly server: ServerPlan;
  readonly databases: readonly DatabasePlan[];
}

export interface WantedFrom {
  readonly loaded: LoadedManifest;
  readonly capabilities: Capabilities;
  readonly maintenance: Client;
  /** Undefined where the home database is not there, or lets nobody in. */
  readonly home: Client | undefined;
  readonly library: Library;
  readonly libraryTables: readonly string[];
  readonly registered: readonly Registered[];
  readonly placements: readonly Placement[];
  readonly passwords: PasswordStore | undefined;
  readonly asOf: Date | undefined;
}

/** Reads what a declaration leaves open, so that it can be said what is wanted. */
export async function readWanted(from: WantedFrom): Promise<WantedStates> {
  const { loaded: { manifest: { declaration } }, capabilities, maintenance, home, library, libraryTables } = from;
  const lastApplied = home === undefined ? undefined : await readAppliedState(home, libraryTables);
  const formsFrom: FormsFrom = { library, client: home ?? maintenance, versionNumber: capabilities.versionNumber };
  const declared = await formsOf(formsFrom, declaration, lastApplied?.declaration);
  return new WantedStates(from, formsFrom, declared, await readBlueprint(from, declared), lastApplied);
}

async function readBlueprint({ loaded: { manifest }, maintenance, home, library, libraryTables, placements, passwords, asOf }: WantedFrom, { forms, tables }: DeclaredForms): Promise<Blueprint> {
  const { declaration } = manifest;
  const hasObjects = declaration.extensions !== undefined || declaration.publications !== undefined;
  return {
    declaration, identity: identityOf(manifest), ...forms, tables,
    objectSupport: hasObjects ? await probeObjects(maintenance, extensionsOf(declaration)) : undefined,
    passwordPlaces: await placesOfPasswords(declaration, placements, passwords),
    tiersInUse: await library.tiersInUse(),
    support: await readSupport(declaration, home, maintenance, libraryTables),
    ...await clockOf(maintenance, tables, asOf),
    ...(contextOf(declaration) === 'signed' ? { contextKeys: wantedContextKeys(await library.contextKeys(), await passwords?.place(contextKeyName(declaration.name))) } : {}),
  };
}

/** What is wanted now, with one tenant or another, and what was wanted before. */
export class WantedStates {
  constructor(
    private readonly from: WantedFrom, private readonly formsFrom: FormsFrom,
    readonly declared: DeclaredForms, private readonly blueprint: Blueprint,
    /** Undefined where nothing is known of it. */
    readonly lastApplied: AppliedState | undefined,
  ) {}

  /** What is wanted where tenants are where. */
  readonly with = (placements: readonly Placement[]): Wanted => this.#with(placements, this.blueprint);

  /** What was applied last wanted, of the tenants that were there then. */
  async before({ declaration, tenants }: AppliedState): Promise<Wanted> {
    const { loaded, registered } = this.from;
    const { forms, tables } = await formsOf(this.formsFrom, declaration);
    const there = registered.filter(({ state }) => state !== 'provisioning');
    const made = new Set(there.map(({ key }) => key));
    const placements = placementsOf({ ...loaded, manifest: { ...loaded.manifest, tenants } }, there).filter(({ key }) => made.has(key));
    const { contextKeys, ...others } = this.blueprint;
    return this.#with(placements, {
      ...others, declaration, ...forms, objects: forms.objects, tables, support: await this.#supportBefore(declaration),
      ...(contextKeys === undefined || contextOf(declaration) !== 'signed' ? {} : { contextKeys }),
    });
  }

  async #supportBefore(declaration: Declaration): Promise<SupportState> {
    const { home, maintenance, libraryTables } = this.from;
    return beforeAnyEnded(await readSupport(declaration, home, maintenance, libraryTables));
  }

  #with(placements: readonly Placement[], by: Blueprint): Wanted {
    const databases = databasesOf(by, placements);
    return { databases, server: serverPlan(by.declaration, by.identity, placements, databases, this.from.capabilities, by.support, this.lastApplied?.declaration) };
  }
}

/** The registry decides what it knows; the declaration adds what it does not. */
export function placementsOf({ manifest, cell }: LoadedManifest, registered: readonly Registered[], offboarding?: string): Placement[] {
  const declared: Placement[] = Object.entries(manifest.tenants).map(([key, { isolation, displayName, tier }]) => ({ key, isolation, displayName: displayName ?? key, tier, declared: true, ...(key === cell ? { idIsGiven: true } : {}) }));
  const known = new Map<string, Placement>(declared.map((placement) => [placement.key, placement]));
  for (const { state, version, ...row } of registered) {
    const wanted = known.get(row.key);
    const as = { registered: { state, version, tier: row.tier } };
    if (isGone(state) && row.key !== offboarding) {
      known.delete(row.key);
      continue;
    }
    known.set(row.key, wanted === undefined ? { ...row, ...as, declared: false } : { ...wanted, ...as, isolation: row.isolation, ...(row.secondIsolation === undefined ? {} : { secondIsolation: row.secondIsolation, leaving: row.leaving === true }), ...(wanted.isolation === row.isolation ? {} : { wantedIsolation: wanted.isolation }) });
  }
  return [...known.values()];
}

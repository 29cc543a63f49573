import type { Declaration } from '../../declaration/schema';
import type { TenantContext } from '../../declaration/tenant-context';
import type { Isolation } from '../../declaration/types';
import type { DatabasePlan, Place, PlaceRole } from '../model/place';
import type { RoleAccess } from '../model/access';
import type { ShapeTable } from '../model/shape';
import type { AttackResult } from './evidence';
import type { DatabaseFacts } from './facts';
import type { ServerFacts } from './server-facts';
import type { ProbeRows, TenantRows } from './probe/rows';
import type { Entering, PreparedEntering } from './entering';
import type { ProbeSession } from './session';

/** A place with probe rows of two tenants in its tables, and others of the same database to break into. */
export interface PlaceTarget {
  readonly mode: Isolation;
  readonly context: TenantContext;
  /** Statements that enter a tenant, in the way that is declared. */
  readonly entering: Entering;
  /** @default - contexts are not signed */
  readonly signed?: PreparedEntering['signed'];
  /** @default - roles are not tenants' */
  readonly foreignRole?: string;
  readonly declaration: Declaration;
  readonly database: DatabasePlan;
  readonly place: Place;
  readonly facts: DatabaseFacts;
  readonly server: ServerFacts;
  /** Ids of the two probe tenants: the one that the attacker acts for, and the one that is attacked. */
  readonly own: string;
  readonly foreign: string;
  readonly rows: ProbeRows;
  readonly neighbours: readonly Neighbour[];
}

/** Another place of the same database; the attacked tenant has a row in its tables. */
export interface Neighbour {
  readonly place: Place;
  readonly rows: ProbeRows;
}

export interface RoleTarget extends PlaceTarget {
  readonly role: PlaceRole;
}

export interface TableTarget extends RoleTarget {
  readonly table: ShapeTable;
  /** With its schema, quoted. */
  readonly name: string;
  /** Letters of the privileges that are declared, of the table or of some of its columns. */
  readonly letters: string;
  /** The columns that each of them is about. */
  readonly access: RoleAccess;
  /** Columns that the role may not read. */
  readonly masked: readonly string[];
  readonly row: TenantRows;
}

/** What one attack found; the runner adds where it was. */
export type Finding = Omit<AttackResult, 'attack' | 'mode' | 'place'> & { readonly place?: string };

export type Expected = { readonly verdict: 'denied'; readonly sqlstates?: readonly string[] } | { readonly verdict: 'accepted'; readonly reason: string; readonly remedy: string };

interface Targets {
  table: TableTarget;
  role: RoleTarget;
  place: PlaceTarget;
  server: ServerTarget;
}

export interface ServerTarget {
  readonly declaration: Declaration;
  readonly server: ServerFacts;
}

/** One way to try to get at another tenant's rows. */
export interface Attack<Level extends keyof Targets = keyof Targets> {
  readonly id: string;
  readonly title: string;
  /** What would be lost, in one line. */
  readonly why: string;
  /** What it is tried on. */
  readonly level: Level;
  /** Why it cannot be tried on this target; undefined when it can. */
  readonly inapplicable?: (target: Targets[Level]) => string | undefined;
  /** Must not be sent together with other attacks. */
  readonly alone?: boolean;
  readonly expected: (mode: Isolation, context: TenantContext) => Expected;
  readonly run: (session: ProbeSession, target: Targets[Level]) => Promise<readonly Finding[]>;
}

export const attack = <Level extends keyof Targets>(definition: Attack<Level>): Attack<Level> => definition;

export const DENIED = (): Expected => ({ verdict: 'denied' });

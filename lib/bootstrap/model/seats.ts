import type { Isolation } from '../../declaration/types';
import type { Placement } from './place';
import type { TenantState } from './library';

/** States in which a tenant's own logins may not log in. */
const CLOSED: ReadonlySet<TenantState> = new Set(['suspended', 'archived', 'offboarding']);

/** A tenant in one of its places on this server. */
export interface Seat extends Placement {
  readonly isolation: Isolation;
  /** The place that it is moved to or was moved away from: nobody enters the tenant there, and its own logins may not log in for it. @default false */
  readonly isSecond?: boolean;
}

/**
 * Where tenants have places of their own, or rows: at two places while they are moved, so that an apply in between takes care of both. One with a cluster of its own
 * has none here.
 */
export const seatsOf = (placements: readonly Placement[]): Seat[] => placements.flatMap((placement): Seat[] => {
  const { secondIsolation, isolation, ...others } = placement;
  if (isolation === 'cluster') return [];
  const first: Seat = { ...others, isolation };
  if (secondIsolation === undefined) return [first];
  const { registered } = placement;
  // What both have in common, such as a login, is as the place wants it at which the tenant is served: it comes last.
  return [{ ...first, isolation: secondIsolation, isSecond: true, ...(registered === undefined ? {} : { registered: { ...registered, state: 'moving' } }) }, first];
});

/** Whether the logins of a tenant's place may not log in for the time being. */
export const isClosed = ({ isSecond, registered }: Seat): boolean => isSecond === true || (registered !== undefined && CLOSED.has(registered.state));

import type { Duration } from '../../core/duration';
import type { ScaleOn } from './scale-on';

/** What grows and shrinks by itself, and how far. */
export interface ScalingProps {
  /**
   * Readers of Aurora that come and go with the load.
   *
   * @default - the readers of the topology alone
   */
  readonly readers?: ReaderScalingProps;
  /** Not to be had: the range of a serverless cluster is the topology's, and AWS can change it by no schedule. @default - nothing else is taken */
  readonly capacity?: never;
}

/** Readers in all, those of the topology included: they stay, because autoscaling removes only what it made. */
export interface ReaderScalingProps {
  /** Never fewer: 1 to 15, and at least the readers of the topology. */
  readonly minimum: number;
  /** Never more: 1 to 15. It bounds what a spike can cost. */
  readonly maximum: number;
  /**
   * What their number follows; with several, the one that asks for most.
   *
   * @default ScaleOn.cpu(60)
   */
  readonly on?: ScaleOn | readonly ScaleOn[];
  /**
   * How long nothing is changed after a change in the same direction, in whole seconds.
   *
   * @default - 5 minutes for each direction
   */
  readonly cooldown?: { readonly out?: Duration; readonly in?: Duration };
  /**
   * Other limits at certain times, at least two entries, so that the first one ends, and no two with different limits at the same moment. Until the first of them `minimum` and `maximum` hold; each entry lies within these.
   *
   * @default - the same limits all the time
   */
  readonly schedule?: readonly ScheduledReaders[];
}

/** Limits from one moment on, until another entry changes them. */
export interface ScheduledReaders {
  /** Stays, because it is part of the address: lower-case letters, digits and hyphens. */
  readonly name: string;
  /** `cron(minute hour day month weekday year)`, with a `?` for day or weekday, or `at(2026-11-27T06:00:00)` for once. */
  readonly at: string;
  /** As IANA names it, for instance `Europe/Berlin`; it follows summer time. @default 'UTC' */
  readonly timezone?: string;
  readonly minimum: number;
  readonly maximum: number;
}

import { ATTEMPTS } from '../apply/retry';
import type { Change, Stage } from './difference';

/** How long a statement waits for a lock before its step is given up and tried again, in milliseconds. */
export const LOCK_TIMEOUT = 2_000;

/** How a step is run, as reviewers of a plan have to know it. */
export interface Terms {
  /** Milliseconds that each statement waits for a lock at most. */
  readonly lockTimeout: number;
  /**
   * What is tried again as a whole when somebody was in the way (lock time-out, deadlock, a catalog row changed at the same time): the `transaction` of
   * everything that its place needs, or this `step` alone, which begins by removing what a try that broke off left behind.
   */
  readonly retry: 'transaction' | 'step';
  /** How often it is tried at most. */
  readonly attempts: number;
}

const RETRY: Readonly<Record<Stage, Terms['retry']>> = { transaction: 'transaction', final: 'transaction', outside: 'step', after: 'step' };

export const termsOf = ({ stage }: Change): Terms => ({ lockTimeout: LOCK_TIMEOUT, retry: RETRY[stage], attempts: ATTEMPTS });

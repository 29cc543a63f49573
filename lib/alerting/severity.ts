/**
 * How urgent an alarm or an event is.
 *
 * - `critical`: the service is down, or will be within minutes; somebody is woken
 * - `warning`: it will be if nobody acts within days; somebody looks at it on a working day
 * - `info`: it happened, and nobody has to act
 */
export const SEVERITIES = ['critical', 'warning', 'info'] as const;
export type Severity = (typeof SEVERITIES)[number];

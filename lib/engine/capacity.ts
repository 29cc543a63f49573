import { type Complaint, TenantryError } from '../core/errors';
import { Duration } from '../core/duration';
import { holdsToken } from '../core/tokens';

export interface ServerlessCapacityProps {
  /** In ACU (about 2 GiB of memory each), 0 to 256 in steps of 0.5; 0 pauses when nobody is connected. */
  readonly minimum: number;
  /** In ACU, 1 to 256 in steps of 0.5. */
  readonly maximum: number;
  /**
   * How long nobody is connected before a cluster with a minimum of 0 pauses: 5 minutes to 1 day.
   *
   * @default - 5 minutes
   */
  readonly pauseAfter?: Duration;
}

/** How large the instances of a cluster are. */
export type Capacity =
  | { readonly kind: 'serverless'; readonly minimum: number; readonly maximum: number; readonly pauseAfter: Duration | undefined }
  | { readonly kind: 'provisioned'; readonly instanceClass: string };

const ACU = { lowest: 0, highest: 256, step: 0.5 };
const PAUSE = { shortest: Duration.minutes(5), longest: Duration.days(1) };

export const Capacity = {
  /** Aurora Serverless v2: grows and shrinks with the load. */
  serverless(props: ServerlessCapacityProps): Capacity {
    const complaints = [...checkRange(props), ...checkPause(props)];
    if (complaints.length > 0) throw new TenantryError('input', complaints);
    return { kind: 'serverless', minimum: props.minimum, maximum: props.maximum, pauseAfter: props.minimum === 0 ? props.pauseAfter ?? PAUSE.shortest : undefined };
  },

  /** Instances of one class, for instance `db.r8g.large`. */
  provisioned(instanceClass: string): Capacity {
    if (instanceClass === 'db.serverless') {
      throw new TenantryError('input', { code: 'engine/instance-class', problem: '"db.serverless" needs a range of capacity.', fix: 'Capacity.serverless({ minimum: 0.5, maximum: 8 })' });
    }
    if (!holdsToken(instanceClass) && !/^db\.[a-z][a-z0-9-]*\.[a-z0-9]+$/.test(instanceClass)) {
      throw new TenantryError('input', { code: 'engine/instance-class', problem: `${JSON.stringify(instanceClass)} is not the name of an instance class.`, fix: "For instance Capacity.provisioned('db.r8g.large')." });
    }
    return { kind: 'provisioned', instanceClass };
  },
};

function checkRange({ minimum, maximum }: ServerlessCapacityProps): Complaint[] {
  const complaints: Complaint[] = [];
  const code = 'engine/capacity';
  const isKnown = (value: number): boolean => !holdsToken(value);
  if (isKnown(minimum) && !isCapacity(minimum, ACU.lowest)) complaints.push({ code, problem: `minimum is ${minimum} ACU; ${ACU.lowest} to ${ACU.highest} in steps of ${ACU.step} are allowed.` });
  if (isKnown(maximum) && !isCapacity(maximum, 1)) complaints.push({ code, problem: `maximum is ${maximum} ACU; 1 to ${ACU.highest} in steps of ${ACU.step} are allowed.` });
  if (isKnown(minimum) && isKnown(maximum) && minimum > maximum) complaints.push({ code, problem: `minimum, ${minimum} ACU, is above maximum, ${maximum} ACU.` });
  return complaints;
}

const isCapacity = (value: number, lowest: number): boolean => value >= lowest && value <= ACU.highest && Number.isInteger(value / ACU.step);

function checkPause({ minimum, pauseAfter }: ServerlessCapacityProps): Complaint[] {
  if (pauseAfter === undefined) return [];
  if (minimum !== 0) return [{ code: 'engine/pause', problem: `pauseAfter is given, but only a minimum of 0 ACU pauses, and it is ${minimum}.`, fix: 'Give minimum: 0, or leave pauseAfter out.' }];
  if (!pauseAfter.isShorterThan(PAUSE.shortest) && !PAUSE.longest.isShorterThan(pauseAfter)) return [];
  return [{ code: 'engine/pause', problem: `pauseAfter is ${pauseAfter}; ${PAUSE.shortest} to ${PAUSE.longest} are allowed.` }];
}

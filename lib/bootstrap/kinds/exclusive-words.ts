import type { ExclusiveKind } from '../../declaration/exclusive';
import type { Place } from '../model/place';

/** Whether the apply drops objects of the kind that nobody declared, so that they are no findings. */
export const isExclusive = (place: Place, what: ExclusiveKind): boolean => place.exclusive?.includes(what) === true;

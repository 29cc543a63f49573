import type { Complaint } from './errors';
import { listOf } from './text';

/** Every resource carries these, so that it can be found, charged and answered for. */
export const REQUIRED_TAGS = ['platform', 'environment', 'stage', 'owner', 'cost-centre', 'managed-by'] as const;
export type RequiredTag = (typeof REQUIRED_TAGS)[number];

const MAX_KEY = 128;
const MAX_VALUE = 256;
const ALLOWED = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/** What AWS refuses in a tag, and what would hide a required tag. */
export function checkTags(tags: Readonly<Record<string, string>>, at: string): Complaint[] {
  return Object.entries(tags).flatMap(([key, value]): Complaint[] => {
    const place = `${at}.${key}`;
    if ((REQUIRED_TAGS as readonly string[]).includes(key)) {
      return [{ code: 'tags/required', at: place, problem: `The tags ${listOf(REQUIRED_TAGS)} come from the environment; one of them cannot be given again.`, fix: 'Change the environment, or choose another key.' }];
    }
    if (key === '' || key.length > MAX_KEY || key.toLowerCase().startsWith('aws:') || !ALLOWED.test(key)) {
      return [{ code: 'tags/key', at: place, problem: `${JSON.stringify(key)} cannot be the key of a tag: 1 to ${MAX_KEY} letters, digits, spaces and _ . : / = + - @ are allowed, and "aws:" in front is reserved.`, fix: 'Choose another key.' }];
    }
    if (value.length > MAX_VALUE || !ALLOWED.test(value)) {
      return [{ code: 'tags/value', at: place, problem: `${JSON.stringify(value)} cannot be the value of a tag: at most ${MAX_VALUE} letters, digits, spaces and _ . : / = + - @ are allowed.`, fix: 'Change the value.' }];
    }
    return [];
  });
}

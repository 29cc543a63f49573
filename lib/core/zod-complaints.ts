import type { z } from 'zod';
import type { Complaint } from './errors';
import { codeOf, shownFirst } from './shown';
import { nearest } from './text';

export interface ComplaintContext {
  /** First part of the codes: `declaration` makes `declaration/missing`. */
  readonly module: string;
  /** Where a value stands, for people. @default - its path, or the module for the whole */
  readonly at?: (path: string) => string;
  /** The properties that are known at a path, to suggest one for a mistyped one. @default - none is suggested */
  readonly properties?: (path: readonly PropertyKey[]) => readonly string[];
  /** What to do about an issue that does not say it itself. @default - nothing is said */
  readonly fix?: (issue: z.core.$ZodIssue) => string | undefined;
}

/** Turns zod's issues into complaints: path, what was given, what is allowed. */
export function complaintsOf(error: z.ZodError, data: unknown, context: ComplaintContext): Complaint[] {
  return error.issues.flatMap((issue) => ofIssue(issue, data, context));
}

function ofIssue(issue: z.core.$ZodIssue, data: unknown, context: ComplaintContext): Complaint[] {
  const { module, at = (path) => (path === '' ? module : path), properties = () => [], fix: fixFor = () => undefined } = context;
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const near = nearest(key, properties(issue.path));
      return {
        code: `${module}/unknown-key`, at: at([...issue.path, key].join('.')), problem: `${JSON.stringify(key)} is not a property here.`,
        fix: near === undefined ? 'Remove it, or look for its name in the documentation.' : `Did you mean ${JSON.stringify(near)}?`,
      };
    });
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const deepest = issue.errors.reduce((best, errors) => (errors.length > 0 && errors.length <= best.length ? errors : best));
    return deepest.flatMap((inner) => ofIssue({ ...inner, path: [...issue.path, ...inner.path] }, data, context));
  }
  const place = at(issue.path.join('.'));
  const given = issue.path.reduce<unknown>((value, key) => (typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined), data);
  const text = issue.message.replace(/^Invalid (input|option): /, '').replace(/, received .*$/, '');
  const isSentence = /^(is|holds) /.test(text);
  const fix = fixOf(issue, given, fixFor(issue));
  if (given === undefined) return [{ code: `${module}/missing`, at: place, problem: `Nothing is given here; ${isSentence ? 'it is needed' : lower(text)}.`, ...fix }];
  return [{ code: `${module}/invalid-value`, at: place, problem: `${shownFirst(given)} ${isSentence ? text : `is not allowed: ${lower(text)}`}.`, ...fix }];
}

/** What a schema of `shape.ts` says to do. */
function fixOf(issue: z.core.$ZodIssue, given: unknown, otherwise: string | undefined): Pick<Complaint, 'fix'> {
  const fix: unknown = issue.code === 'custom' ? issue.params?.['fix'] : otherwise;
  if (typeof fix !== 'function') return typeof fix === 'string' ? { fix } : {};
  const name = issue.path.at(-1);
  const code = (value: unknown): string => (typeof name === 'string' ? codeOf({ [name]: value }).slice(2, -2) : codeOf(value));
  return { fix: (fix as (given: unknown, code: (value: unknown) => string) => string)(given, code) };
}

const lower = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

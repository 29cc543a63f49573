import type { ObjectContext, PlanContext, Refusal } from '../../provider/behaviour';
import { canonical, isObject, type Value, type ValueObject } from '../../protocol/values';

export interface ObjectAt extends ObjectContext {
  readonly object: ValueObject;
}
export type Check = (at: ObjectAt) => Refusal | undefined;

/** What the provider and the service know of one type beyond its arguments. */
export interface Rules {
  /** Of a configuration, while it is validated. */
  readonly validate?: (config: ValueObject) => Refusal | undefined;
  /** While planning a change: arguments that replace it here, or a refusal. */
  readonly plan?: (change: PlanContext & { readonly prior: ValueObject }) => readonly string[] | Refusal;
  /** By attribute: a change of one of these arguments makes its value unknown until the apply. */
  readonly recomputed?: Readonly<Record<string, readonly string[]>>;
  /** What the service says when the name is taken. */
  readonly taken?: (key: string, object: ValueObject) => string;
  readonly create?: readonly Check[];
  readonly delete?: readonly Check[];
  /** What the service removes together with it. */
  readonly removes?: (at: ObjectAt) => void;
}

export const text = (value: Value | undefined): string => (typeof value === 'string' ? value : '');
export const isOn = (value: Value | undefined): boolean => value === true || value === 'true';
/** Whether an argument changes. Terraform sends sets in one order. */
export const changes = ({ prior, planned }: { readonly prior: ValueObject; readonly planned: ValueObject }, name: string): boolean => canonical(prior[name]) !== canonical(planned[name]);
/** The objects of a list or block. */
export const elementsOf = (value: Value | undefined): readonly ValueObject[] => (Array.isArray(value) ? (value as readonly Value[]).filter(isObject) : isObject(value) ? [value] : []);

const idOf = ({ object }: ObjectAt): string => text(object['id']);

/** Refuses to delete while an argument is on. */
export const protectedBy = (argument: string, what: string, words: string, name = 'id'): Check => (at) =>
  isOn(at.object[argument]) ? { summary: `deleting ${what} (${text(at.object[name])}): ${words}`, detail: `Set ${argument} to false and apply that first.` } : undefined;

/** Refuses to delete while an object of another type names it in an argument. */
export const usedBy = (type: string, argument: string, what: string, words: (user: string, own: string) => string, key = 'id'): Check => (at) => {
  const own = at.object[key];
  const user = at.store.list(type, at.region).find((one) => names(one[argument], own));
  if (user === undefined) return undefined;
  const name = text(user['id']);
  return { summary: `deleting ${what} (${idOf(at)}): ${words(name, idOf(at))}`, detail: `${type} ${JSON.stringify(name)} still names it in ${argument}.` };
};

function names(value: Value | undefined, own: Value | undefined): boolean {
  return own !== undefined && (value === own || (Array.isArray(value) && (value as readonly Value[]).includes(own)));
}

/** Refuses to create an object whose name is not its id and is taken. */
export const uniqueName = (attributes: readonly string[], summary: (name: string, object: ValueObject) => string): Check => ({ store, region, type, object }) => {
  const [name = 'name'] = attributes;
  const twin = store.list(type, region).find((one) => attributes.every((attribute) => one[attribute] === object[attribute]));
  return twin === undefined || typeof object[name] !== 'string' ? undefined : { summary: summary(object[name], object), detail: `${region} has one of this name already (${type}): ${text(twin['id'])}.` };
};

import type { PathStep } from '../protocol/provider-service';
import { hasUnknown, type Value, type ValueObject } from '../protocol/values';
import type { BlockSchema } from '../schema/schema';
import type { ArgumentKnowledge, TypeKnowledge } from './knowledge';
import { type Place, places } from './locate';
import { valueFault } from './validate-value';

/** What is wrong with a configuration, and where. */
export interface Fault {
  readonly summary: string;
  readonly detail: string;
  readonly steps: readonly PathStep[];
}

/**
 * Holds a configuration against what is known of its arguments, in the words of the provider's SDK, which people know and search for.
 * What is unknown yet is passed over: it may become anything, or nothing.
 */
export function invalidArguments(schema: BlockSchema, knowledge: TypeKnowledge | undefined, config: ValueObject): Fault[] {
  if (knowledge === undefined) return [];
  const configuration = { schema, config };
  const faults = new Map<string, Fault>();
  for (const [path, known] of Object.entries(knowledge.args)) {
    const secret = known.sensitive === true || known.writeOnly === true;
    for (const place of places(schema, config, path)) {
      for (const { key, ...fault } of [...groupFaults(configuration, path, known, place), ...ownFaults(known, place, secret)]) {
        if (!faults.has(key)) faults.set(key, fault);
      }
    }
  }
  return [...faults.values()];
}

/** A fault, with a key that is the same when another argument of the group reports it too. */
interface Keyed extends Fault {
  readonly key: string;
}

function ownFaults(known: ArgumentKnowledge, { value, label, steps }: Place, secret: boolean): Keyed[] {
  if (value === null) return [];
  const faults: Keyed[] = [];
  const report = (summary: string, detail: string): number => faults.push({ summary, detail, steps, key: `${label} ${summary} ${detail}` });
  if (Array.isArray(value)) {
    const { length } = value;
    // Limits of blocks are in the schema that Terraform checks itself; those of attributes can only be checked here.
    if (known.maxItems !== undefined && length > known.maxItems) report('Too many list items', `Attribute ${label} supports ${known.maxItems} item maximum, but config has ${length} declared.`);
    if (known.minItems !== undefined && length > 0 && length < known.minItems) report('Not enough list items', `Attribute ${label} requires ${known.minItems} item minimum, but config has only ${length} declared.`);
  }
  for (const [name, element] of leaves(label, value)) {
    const fault = valueFault(name, element, known, secret);
    if (fault !== undefined) report(fault, '');
  }
  return faults;
}

/** The value itself, or the elements of a list, each with its name. */
const leaves = (label: string, value: Value): [string, Value][] => (Array.isArray(value) ? (value as readonly Value[]).flatMap((element, i) => leaves(`${label}.${i}`, element)) : [[label, value]]);

interface Configured {
  readonly schema: BlockSchema;
  readonly config: ValueObject;
}

function groupFaults(configuration: Configured, path: string, known: ArgumentKnowledge, place: Place): Keyed[] {
  const { label, value, steps, parentLabel } = place;
  const faults: Keyed[] = [];
  const report = (summary: string, detail: string, key: string): number => faults.push({ summary, detail, steps, key: `${parentLabel} ${summary} ${key}` });
  const others = (paths: readonly string[]): Other[] => [...new Set(paths)].sort().map((other) => otherOf(configuration, path, place, other));

  for (const [group, atMostOne] of [[known.exactlyOneOf, true], [known.atLeastOneOf, false]] as const) {
    if (group === undefined) continue;
    const members = others([...group, path]);
    const all = members.map(({ name }) => name).join();
    const set = members.filter((one) => one.set && !one.unknown).map(({ name }) => name);
    if (set.length === 0 && !members.some(({ unknown }) => unknown)) report(atMostOne ? 'Invalid combination of arguments' : 'Missing required argument', `"${label}": one of \`${all}\` must be specified`, all);
    if (atMostOne && set.length > 1) report('Invalid combination of arguments', `"${label}": only one of \`${all}\` can be specified, but \`${set.join()}\` were specified.`, all);
  }
  if (!isSet(value)) return faults;
  if (known.requiredWith !== undefined) {
    const members = others([...known.requiredWith, path]);
    const all = members.map(({ name }) => name).join();
    if (members.some(({ set }) => !set)) report('Missing required argument', `"${label}": all of \`${all}\` must be specified`, all);
  }
  if (!hasUnknown(value)) {
    for (const other of others(known.conflictsWith ?? [])) {
      if (other.set && !other.unknown) report('Conflicting configuration arguments', `"${label}": conflicts with ${other.name}`, [label, other.name].sort().join());
    }
  }
  return faults;
}

interface Other {
  readonly name: string;
  readonly set: boolean;
  readonly unknown: boolean;
}

/** Another argument of a group: that of the same block when both stand in one, else any. */
function otherOf({ schema, config }: Configured, path: string, place: Place, other: string): Other {
  const sibling = parentOf(other) === parentOf(path);
  const found = sibling ? [place.parent[lastOf(other)] ?? null] : places(schema, config, other).map(({ value }) => value);
  return { name: sibling ? place.parentLabel + lastOf(other) : other, set: found.some(isSet), unknown: found.some(hasUnknown) };
}

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('.') + 1);
const lastOf = (path: string): string => path.slice(path.lastIndexOf('.') + 1);
/** Blocks that are not there are an empty list. */
const isSet = (value: Value): boolean => value !== null && !(Array.isArray(value) && value.length === 0);

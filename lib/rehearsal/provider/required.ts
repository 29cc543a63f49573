import type { PathStep } from '../protocol/provider-service';
import { isObject, type Value } from '../protocol/values';
import type { BlockSchema } from '../schema/schema';

export interface MissingArgument {
  readonly name: string;
  readonly steps: readonly PathStep[];
}

/** Required arguments that are null. Terraform itself checks only whether they are written down. */
export function missingArguments(schema: BlockSchema, value: Value | undefined, path: readonly PathStep[] = []): MissingArgument[] {
  if (!isObject(value)) return [];
  const missing: MissingArgument[] = [];
  for (const [name, { required }] of Object.entries(schema.attributes)) {
    if (required === true && value[name] === null) missing.push({ name, steps: [...path, { attribute_name: name }] });
  }
  for (const [name, { nesting, block }] of Object.entries(schema.blocks)) {
    const part = value[name];
    const at = [...path, { attribute_name: name }];
    if (nesting === 'single') missing.push(...missingArguments(block, part, at));
    else if (nesting === 'list' && Array.isArray(part)) part.forEach((element, i) => missing.push(...missingArguments(block, element as Value, [...at, { element_key_int: i }])));
    // An element of a set has no address of its own.
    else if (nesting === 'set' && Array.isArray(part)) part.forEach((element) => missing.push(...missingArguments(block, element as Value, at).map(({ name: inner }) => ({ name: inner, steps: at }))));
    else if (isObject(part)) for (const [key, element] of Object.entries(part)) missing.push(...missingArguments(block, element, [...at, { element_key_string: key }]));
  }
  return missing;
}

import { holdsToken } from '../../core/tokens';
import type { ParameterDefinition } from './definition';

/** One setting of a parameter group. */
export interface EngineParameter {
  readonly name: string;
  readonly value: string;
  /** `immediate` for a dynamic parameter, `pending-reboot` for a static one: what AWS answers, or every plan would show a change. */
  readonly applyMethod: 'immediate' | 'pending-reboot';
}

/** A value that is taken as it is, of a parameter that the catalogue does not know or knows too narrowly. */
export interface RawParameter {
  readonly value: string;
  readonly applyMethod: 'immediate' | 'pending-reboot';
}

/** `true`, `16384`, `'ddl'`, a formula such as `'{DBInstanceClassMemory/32768}'`, or a raw value. */
export type ParameterValue = string | number | boolean | RawParameter;

export type ParameterValues = Readonly<Record<string, ParameterValue>>;

export const isRaw = (value: ParameterValue): value is RawParameter => typeof value === 'object';

/** Whether only Terraform knows the value. */
export const isUnknown = (value: string | number | boolean): boolean => typeof value !== 'boolean' && holdsToken(value);

/** Whether AWS computes the value from the size of the instance. */
export const isFormula = (value: string | number | boolean): value is string => typeof value === 'string' && /\{|^(GREATEST|LEAST|SUM)\(/i.test(value);

/** The value of a parameter where it is given, and nobody has to compute it first. */
export function literalOf(values: ParameterValues, parameter: string): string | number | boolean | undefined {
  const given = values[parameter];
  const value = given !== undefined && isRaw(given) ? given.value : given;
  return value === undefined || isUnknown(value) || isFormula(value) ? undefined : value;
}

/** What a boolean may be written as. */
const BOOLEANS: Readonly<Record<string, boolean>> = { 0: false, 1: true, off: false, on: true, false: false, true: true };
export const toBoolean = (value: string | number | boolean): boolean | undefined => {
  const text = String(value).toLowerCase();
  return Object.hasOwn(BOOLEANS, text) ? BOOLEANS[text] : undefined;
};

/** The parts of a list. */
export const itemsOf = (value: string | number | boolean): string[] => String(value).split(',').map((item) => item.trim()).filter((item) => item !== '');

/** AWS's spelling of a value, whatever the case of the given one. */
export const spelled = (value: string, values: readonly string[]): string | undefined => values.find((one) => one === value) ?? values.find((one) => one.toLowerCase() === value.toLowerCase());

/** One of the values of an enum. `true` is `on` where that is one of them. */
export function choiceOf(value: string | number | boolean, values: readonly string[]): string | undefined {
  const plain = spelled(String(value), values);
  return plain !== undefined || typeof value !== 'boolean' ? plain : spelled(value ? 'on' : 'off', values);
}

/** The setting as AWS writes it. What was refused by the checks is left as it was given. */
export function toParameter(name: string, given: ParameterValue, definition: ParameterDefinition | undefined): EngineParameter {
  if (isRaw(given)) return { name, value: given.value, applyMethod: given.applyMethod };
  return { name, value: toText(given, definition), applyMethod: definition?.static === false ? 'immediate' : 'pending-reboot' };
}

function toText(value: string | number | boolean, definition: ParameterDefinition | undefined): string {
  if (definition === undefined || isUnknown(value) || isFormula(value)) return String(value);
  const { type, values, booleans = ['0', '1'] } = definition;
  if (type === 'boolean') {
    const truth = toBoolean(value);
    return truth === undefined ? String(value) : booleans[truth ? 1 : 0];
  }
  if (type === 'enum' && values !== undefined) return choiceOf(value, values) ?? String(value);
  if (type === 'list') return itemsOf(value).map((item) => (values === undefined ? item : spelled(item, values) ?? item)).join(',');
  return String(value).trim();
}

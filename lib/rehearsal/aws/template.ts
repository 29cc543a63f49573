import { createHash } from 'node:crypto';

export interface TemplateContext {
  readonly region: string;
  readonly account: string;
  readonly partition: string;
  /** Decides what is random. */
  readonly seed: string;
  /** The value of an attribute of the object, as text. */
  readonly attribute: (name: string) => string | undefined;
}

/**
 * Fills a template such as `arn:{partition}:rds:{region}:{account}:cluster:{cluster_identifier}`. A name in braces is an attribute of the
 * object; `{hex:17}` is a random-looking hexadecimal number of that length, `{uuid}` a UUID, `{letters:6}` capital letters and digits,
 * `{digits:12}` digits, and `{awsKey:rds}` the ARN of the key that AWS manages for that service.
 *
 * @returns nothing when an attribute that it needs has no value
 */
export function fillTemplate(template: string, context: TemplateContext): string | undefined {
  let complete = true;
  const text = template.replace(/\{([A-Za-z0-9_.]+)(?::([a-z0-9]+))?\}/g, (_match, name: string, parameter?: string) => {
    const value = named(name, parameter ?? '', context);
    if (value === undefined) complete = false;
    return value ?? '';
  });
  return complete ? text : undefined;
}

function named(name: string, parameter: string, { region, account, partition, seed, attribute }: TemplateContext): string | undefined {
  if (name === 'region') return region;
  if (name === 'account') return account;
  if (name === 'partition') return partition;
  if (name === 'hex') return hex(seed, Number(parameter));
  if (name === 'uuid') return uuid(seed);
  if (name === 'letters') return letters(seed, Number(parameter));
  if (name === 'digits') return digits(seed, Number(parameter));
  if (name === 'awsKey') return `arn:${partition}:kms:${region}:${account}:key/${awsKeyId(parameter, region, account)}`;
  return attribute(name);
}

export const hex = (seed: string, length: number): string => createHash('sha256').update(seed).digest('hex').slice(0, length);

export function uuid(seed: string): string {
  const text = hex(seed, 32);
  return `${text.slice(0, 8)}-${text.slice(8, 12)}-4${text.slice(13, 16)}-a${text.slice(17, 20)}-${text.slice(20)}`;
}

/** Id of the key that AWS keeps for a service, one in each account and region. */
export const awsKeyId = (service: string, region: string, account: string): string => uuid(`alias/aws/${service} ${region} ${account}`);

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const randomOf = (characters: string, seed: string, length: number): string => [...createHash('sha512').update(seed).digest().subarray(0, length)].map((byte) => characters.charAt(byte % characters.length)).join('');
export const letters = (seed: string, length: number): string => randomOf(ALPHABET, seed, length);
export const digits = (seed: string, length: number): string => randomOf('0123456789', seed, length);

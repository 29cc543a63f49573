import type { Configuration } from '../provider/behaviour';

/** AWS's own example account, where the provider's configuration names none. */
export const EXAMPLE_ACCOUNT = '123456789012';

/** Services without regions: their objects lie in one place. */
const GLOBAL = /^aws_(iam_|route53_(?!resolver)|cloudfront_|budgets_|organizations_|ce_|shield_|globalaccelerator_)/;

/** Where an object lies, as its ARN says it. */
export interface Location {
  readonly region: string;
  readonly account: string;
  readonly partition: string;
}

export const isGlobal = (type: string): boolean => GLOBAL.test(type);

export const accountOf = ({ account }: Configuration): string => account ?? EXAMPLE_ACCOUNT;

/** China and the GovCloud have partitions of their own. */
export const partitionOf = (region: string): string => (region.startsWith('cn-') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws');

export function locationOf(region: string, configuration: Configuration): Location {
  const real = region === 'global' ? configuration.region : region;
  return { region: real, account: accountOf(configuration), partition: partitionOf(real) };
}

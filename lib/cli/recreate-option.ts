import { type Command, InvalidArgumentError } from 'commander';

/** What is gone although it held rows, and is made anew all the same. */
export interface RecreateOption {
  readonly recreate?: readonly string[];
}

export const withRecreate = (subcommand: Command): Command =>
  subcommand.option('--recreate <names>', 'make anew, empty, what held rows and is gone: names as the refusals have them, separated by commas', names);

export const recreateOf = ({ recreate }: RecreateOption): RecreateOption => (recreate === undefined ? {} : { recreate });

/** Given more than once, the lists are put together. */
function names(text: string, before: readonly string[] = []): string[] {
  const given = text.split(',').map((name) => name.trim());
  if (given.includes('')) throw new InvalidArgumentError('It is a list of names, separated by commas.');
  return [...new Set([...before, ...given])];
}

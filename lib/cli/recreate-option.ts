import type { Command } from 'commander';
import { listOfNames } from './list-option';

/** What is gone although it held rows, and is made anew all the same. */
export interface RecreateOption {
  readonly recreate?: readonly string[];
}

export const withRecreate = (subcommand: Command): Command =>
  subcommand.option('--recreate <names>', 'make anew, empty, what held rows and is gone: names as the refusals have them, separated by commas', listOfNames('names'));

export const recreateOf = ({ recreate }: RecreateOption): RecreateOption => (recreate === undefined ? {} : { recreate });

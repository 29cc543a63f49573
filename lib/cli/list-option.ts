import { InvalidArgumentError } from 'commander';

/** Reads a list that is separated by commas. Given more than once, the lists are put together. @param what - the list is of */
export const listOfNames = (what: string) => (text: string, before: readonly string[] = []): string[] => {
  const given = text.split(',').map((name) => name.trim());
  if (given.includes('')) throw new InvalidArgumentError(`It is a list of ${what}, separated by commas.`);
  return [...new Set([...before, ...given])];
};

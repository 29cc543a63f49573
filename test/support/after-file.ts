const ends: (() => unknown)[] = [];

/** Does something after the last test of the file, though the module that asks for it is loaded once for many files. The last that asks comes first. */
export const afterFile = (end: () => unknown): void => void ends.push(end);

/** Each does its part, whatever becomes of the others. */
export async function endFile(): Promise<void> {
  const errors: unknown[] = [];
  for (const end of ends.splice(0).reverse()) {
    try {
      await end();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw new AggregateError(errors, 'What the tests of this file started did not end');
}

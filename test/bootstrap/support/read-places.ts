import { Client } from 'pg';

/** Schemas whose policies are read: those that are read as a whole, and those of which some tables are. */
export interface ReadPlaces {
  readonly whole: readonly string[];
  readonly partly: readonly string[];
}

type Query = (this: Client, ...args: unknown[]) => Promise<unknown>;

/** Does something in front of each query that is sent. */
export async function withQueries<T>(before: (text: string, values: readonly unknown[]) => Promise<void> | undefined, work: () => Promise<T>): Promise<T> {
  const original = Client.prototype.query as unknown as Query;
  Client.prototype.query = function (this: Client, ...args: unknown[]) {
    const [first] = args;
    const { text, values = [] } = typeof first === 'string' ? { text: first, values: args[1] as unknown[] | undefined } : first as { text: string; values?: unknown[] };
    const waited = before(text, values);
    return waited === undefined ? original.apply(this, args) : waited.then(() => original.apply(this, args));
  } as typeof Client.prototype.query;
  try {
    return await work();
  } finally {
    Client.prototype.query = original as unknown as typeof Client.prototype.query;
  }
}

/** Notes what is read of the catalog. */
export async function readPlacesOf(work: () => Promise<unknown>, home = 'shop'): Promise<ReadPlaces> {
  const [whole, partly] = [new Set<string>(), new Set<string>()];
  await withQueries((text, values) => {
    if (/p\.polpermissive as permissive/.test(text) && !/pg_partition|below/.test(text)) for (const schema of values[0] as string[]) (text.includes('of_all') ? partly : whole).add(schema);
    return undefined;
  }, work);
  const ofTenants = (schemas: ReadonlySet<string>): string[] => [...schemas].filter((schema) => schema.startsWith(`${home}__`)).sort();
  return { whole: ofTenants(whole), partly: ofTenants(partly) };
}

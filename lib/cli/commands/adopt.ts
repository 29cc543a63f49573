import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Command, Option } from 'commander';
import { adopt, type Adoption, databaseIn, parseDatabaseUrl, scriptOf } from '../../bootstrap';
import { TenantryError } from '../../core/errors';
import { json } from '../documents';
import { EXIT } from '../exit';
import { adoptText } from '../output/adopt-text';
import { colorsFor, type Streams } from '../streams';
import { loadManifest, readText } from '../target';

export interface AdoptCommandOptions {
  readonly databaseUrl: string;
  readonly schema?: readonly string[];
  readonly name?: string;
  readonly tenantColumn?: string;
  readonly manifest?: string;
  readonly database?: string;
  readonly out?: string;
  readonly ca?: string;
  readonly format: 'text' | 'json';
}

export const withAdopt = (subcommand: Command): Command => subcommand
  .description('Say what an existing database lacks to be taken over, and change nothing')
  .requiredOption('--database-url <url>', 'postgresql://user:password@host:port/database')
  .option('--schema <name>', 'a schema that holds its tables; may be given several times (default: public)', (name: string, names: string[] = []) => [...names, name])
  .option('--name <name>', 'name of the declaration; that of the database itself keeps to that database')
  .option('--tenant-column <column>', 'the column that says which tenant a row belongs to; it is guessed otherwise')
  .option('--manifest <place>', 'compare with the declaration in this manifest')
  .option('--database <name>', 'name of the declaration, when the file holds several')
  .option('--out <folder>', 'also write the draft of a declaration, the report and the steps as SQL; a folder that is not there yet')
  .addOption(new Option('--ca <file>', 'certificate authorities, in PEM, for servers off the local machine').env('TENANTRY_CA'))
  .addOption(new Option('--format <format>', 'how results are written').choices(['text', 'json']).default('text'));

export async function adoptCommand(options: AdoptCommandOptions, streams: Streams): Promise<number> {
  const { access } = parseDatabaseUrl(options.databaseUrl, options.ca === undefined ? {} : { ca: await readText(options.ca, '--ca') });
  const database = databaseIn(options.databaseUrl);
  if (database === undefined) {
    throw new TenantryError('input', { code: 'adopt/no-database', at: '--database-url', problem: 'The URL names no database.', fix: 'Write postgresql://user:password@host:5432/database.' });
  }
  const manifest = options.manifest === undefined ? undefined : (await loadManifest(options)).manifest;
  const found = await adopt({
    access, database, ...(options.schema === undefined ? {} : { schemas: options.schema }), ...(options.name === undefined ? {} : { name: options.name }),
    ...(options.tenantColumn === undefined ? {} : { tenantColumn: options.tenantColumn }), ...(manifest === undefined ? {} : { wanted: manifest }),
  });
  const files = options.out === undefined ? [] : await writeFiles(options.out, found);
  streams.out.write(options.format === 'json' ? json(adoptDocument(found)) : adoptText(found, files, colorsFor(streams)));
  return EXIT.done;
}

/** Fields are added, never renamed or removed, while the number behind @ stays. */
const adoptDocument = (found: Adoption) => ({ format: 'tenantry/adopt@1', ...found });

async function writeFiles(folder: string, found: Adoption): Promise<string[]> {
  await mkdir(dirname(folder), { recursive: true });
  try {
    await mkdir(folder);
  } catch (error) {
    if ((error as { code?: string }).code !== 'EEXIST') throw error;
    throw new TenantryError('input', { code: 'adopt/out', at: '--out', problem: `${JSON.stringify(folder)} is there already, perhaps with a draft that was edited.`, fix: 'Give a folder that is not there yet.' }, { cause: error });
  }
  const files = [
    [`${found.name}.schema.json`, json(found.draft)], ['report.json', json(adoptDocument(found))],
    ...found.ways.map((way) => [`${way.name.replace(' ', '-')}.sql`, scriptOf(way, found.database)] as const),
  ] as const;
  for (const [file, text] of files) await writeFile(join(folder, file), text);
  return files.map(([file]) => join(folder, file));
}

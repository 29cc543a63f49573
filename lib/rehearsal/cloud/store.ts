import { createHash } from 'node:crypto';
import { linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { ValueObject } from '../protocol/values';

/** One object that was made: its attributes, as a state holds them. */
export type StoredObject = ValueObject;

/**
 * What a rehearsal has made: one readable JSON file an object, `<account>/<region>/<type>/<id>.json`, without the account where the provider's configuration names none. A file is made and
 * replaced as a whole, and never made twice, so that several processes need no lock. Whoever edits a file makes drift.
 */
export class Store {
  constructor(readonly folder: string, private readonly account = '') {}

  /** What one account sees: the same name may be taken in another. */
  of(account: string): Store {
    return new Store(this.folder, account);
  }

  get(region: string, type: string, id: string): StoredObject | undefined {
    try {
      return JSON.parse(readFileSync(this.file(region, type, id), 'utf8')) as StoredObject;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** Whether it was made: it is not when the id is taken. */
  create(region: string, type: string, id: string, object: StoredObject): boolean {
    const file = this.file(region, type, id);
    const draft = writeDraft(file, object);
    try {
      linkSync(draft, file);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    } finally {
      rmSync(draft);
    }
  }

  replace(region: string, type: string, id: string, object: StoredObject): void {
    const file = this.file(region, type, id);
    renameSync(writeDraft(file, object), file);
  }

  remove(region: string, type: string, id: string): void {
    rmSync(this.file(region, type, id), { force: true });
  }

  /** All objects of a type: in one region of the account, or in all regions of all accounts. */
  list(type: string, region?: string): StoredObject[] {
    const files = region === undefined ? this.#all().filter((file) => basename(dirname(file)) === type) : filesOf(join(this.folder, folderName(this.account), folderName(region), type));
    return files.map((file) => JSON.parse(readFileSync(file, 'utf8')) as StoredObject);
  }

  /** The files of all objects, relative to the folder. Empty when everything was destroyed. */
  files(): string[] {
    return this.#all().map((file) => file.slice(this.folder.length + 1)).sort();
  }

  #all(folder = this.folder): string[] {
    return [...filesOf(folder), ...foldersOf(folder).flatMap((name) => this.#all(join(folder, name)))];
  }

  file(region: string, type: string, id: string): string {
    return join(this.folder, folderName(this.account), folderName(region), type, fileName(id));
  }
}

/** A file is there as a whole or not at all, whoever reads it meanwhile. */
function writeDraft(file: string, object: StoredObject): string {
  const draft = `${file}.${process.pid}`;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(draft, render(object));
  return draft;
}

const render = (object: StoredObject): string => `${JSON.stringify(object, null, 2)}\n`;
const foldersOf = (folder: string): string[] => entries(folder).filter((entry) => entry.isDirectory()).map(({ name }) => name);
const filesOf = (folder: string): string[] => entries(folder).filter(({ name }) => name.endsWith('.json')).map(({ name }) => join(folder, name));

function entries(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

/** A region is what somebody wrote down: it must not lead out of the folder. */
const folderName = (region: string): string => encodeURIComponent(region).replace(/^\.+$/, (dots) => dots.replaceAll('.', '%2E'));

/** Ids hold slashes and colons, and are longer than a file's name may be. */
function fileName(id: string): string {
  const name = encodeURIComponent(id).replaceAll('*', '%2A');
  return `${name.length > 180 ? `${name.slice(0, 150)}-${createHash('sha256').update(id).digest('hex').slice(0, 12)}` : name}.json`;
}

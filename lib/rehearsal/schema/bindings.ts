import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { Script } from 'node:vm';
import { TenantryError } from '../../core/errors';
import { derive, type Derived } from './derive';
import { recordingCdktf } from './recording';
import type { SchemaKind } from './schema';

/** The npm packages of bindings that are looked for, in this order. */
const SCOPES = ['@cdktf', '@cdktn'];

export interface BindingsOptions {
  /** Folder of the application, from which its packages are resolved. */
  readonly from: string;
  /** Where derived schemas are kept. @default - they are derived anew in each process */
  readonly cache?: string;
}

/** The installed bindings of one Terraform provider. */
export class Bindings {
  /** Version of the provider that the bindings were generated for. */
  readonly providerVersion: string;
  private readonly cache: string | undefined;

  private constructor(
    /** Name of the provider, for instance `aws`. */
    readonly provider: string,
    private readonly library: string,
    options: BindingsOptions,
  ) {
    const identity = createHash('sha256').update(readFileSync(join(library, '..', 'package.json'))).update(DERIVATION).digest('hex').slice(0, 16);
    this.cache = options.cache === undefined ? undefined : join(options.cache, `${provider}-${identity}`);
    const version = this.schema('provider', provider)?.providerVersion;
    if (version === undefined) throw new TenantryError('failed', { code: 'rehearsal/bindings', at: library, problem: 'The package has no class of a provider.', fix: 'Install a release of the bindings that was made by cdktf-cli 0.21 or later.' });
    this.providerVersion = version;
  }

  /**
   * @throws TenantryError (`input`) when the application has no bindings of the provider
   */
  static of(provider: string, options: BindingsOptions): Bindings {
    for (const scope of SCOPES) {
      const found = packageFolder(`${scope}/provider-${provider}`, options.from);
      if (found !== undefined) return new Bindings(provider, join(found, 'lib'), options);
    }
    throw new TenantryError('input', {
      code: 'rehearsal/no-bindings', at: provider, problem: `The application has no bindings of the provider ${JSON.stringify(provider)}: ${SCOPES.map((scope) => `${scope}/provider-${provider}`).join(' or ')} is needed to derive its schema.`,
      fix: `npm install --save-dev @cdktf/provider-${provider}`,
    });
  }

  /** The schema of a type, or nothing where the bindings do not have it. */
  schema(kind: SchemaKind, type: string): Derived | undefined {
    const folder = this.folderOf(kind, type);
    if (folder === undefined) return undefined;
    const kept = this.cache === undefined ? undefined : join(this.cache, `${folder}.json`);
    if (kept !== undefined && existsSync(kept)) return JSON.parse(readFileSync(kept, 'utf8')) as Derived;
    const file = join(this.library, folder, 'index.js');
    const derived = derive(execute(file));
    if (kept !== undefined) writeWhole(kept, JSON.stringify(derived));
    return derived;
  }

  /** All types that the bindings have. */
  types(kind: 'resource' | 'data'): string[] {
    const prefix = `data-${this.provider}-`;
    return readdirSync(this.library, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name !== 'provider' && entry.name.startsWith(prefix) === (kind === 'data') && existsSync(join(this.library, entry.name, 'index.js')))
      // Folders such as `functions` hold no resource.
      .flatMap(({ name }) => /\.tfResourceType = "([a-z0-9_]+)"/.exec(readFileSync(join(this.library, name, 'index.js'), 'utf8'))?.[1] ?? [])
      .sort();
  }

  /** The folder of a type. A name that is a word of the language, such as `random_string`, has an ending. A type of another provider has none. */
  private folderOf(kind: SchemaKind, type: string): string | undefined {
    if (kind !== 'provider' && !type.startsWith(`${this.provider}_`)) return undefined;
    const name = type.slice(this.provider.length + 1).replaceAll('_', '-');
    const folder = kind === 'provider' ? 'provider' : kind === 'data' ? `data-${this.provider}-${name}` : name;
    return [folder, `${folder}-resource`].find((one) => existsSync(join(this.library, one, 'index.js')));
  }
}

/** Part of a cache's name: schemas that another version of the derivation made are not used. */
const DERIVATION = '1';

function packageFolder(name: string, from: string): string | undefined {
  try {
    return dirname(createRequire(join(resolve(from), 'package.json')).resolve(`${name}/package.json`));
  } catch {
    return undefined;
  }
}

/** Executes a generated file, and those that it requires from its own folder, against the recording substitute. */
function execute(file: string, loaded = new Map<string, { exports: object }>()): object {
  const known = loaded.get(file);
  if (known !== undefined) return known.exports;
  const module = { exports: {} };
  loaded.set(file, module);
  const folder = dirname(file);
  const require = (name: string): object => {
    if (name === 'cdktf' || name === 'cdktn') return recordingCdktf;
    if (!name.startsWith('.')) return {};
    const base = resolve(folder, name);
    const found = [`${base}.js`, join(base, 'index.js'), base].find((path) => existsSync(path) && statSync(path).isFile());
    return found === undefined ? {} : execute(found, loaded);
  };
  const wrapped = new Script(`(function (exports, require, module) {${readFileSync(file, 'utf8')}\n})`, { filename: file }).runInThisContext() as (...values: unknown[]) => void;
  wrapped(module.exports, require, module);
  return module.exports;
}

/** Several processes may fill the cache at once: a file is there as a whole or not at all. */
function writeWhole(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, text);
  renameSync(draft, file);
}

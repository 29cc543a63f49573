/** `npm run test:bindings`: every resource type of the installed bindings, with its required arguments, through validate, apply, an empty plan and destroy. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Store } from '../../lib/rehearsal/cloud/store';
import { Catalog } from '../../lib/rehearsal/provider/catalog';
import { StandInProvider } from '../../lib/rehearsal/provider/provider';
import { behaviourOf } from '../../lib/rehearsal/run/stand-ins';
import { Bindings } from '../../lib/rehearsal/schema/bindings';
import { attachProviders } from '../../lib/rehearsal/terraform/attach';
import { Terraform } from '../../lib/rehearsal/terraform/terraform';
import { requiredArguments } from './configuration';

/** Terraform writes its whole state after each object: many small runs are faster than a large one. */
const CHUNK = 120;
const PROVIDER = 'aws';

interface Failure {
  readonly types: string;
  readonly step: string;
  readonly output: string;
}

async function main(): Promise<void> {
  const only = process.argv[2];
  const bindings = Bindings.of(PROVIDER, { from: process.cwd() });
  const types = bindings.types('resource').filter((type) => only === undefined || type.includes(only));
  const folder = mkdtempSync(join(tmpdir(), 'tenantry-bindings-'));
  const failures: Failure[] = [];
  try {
    for (let first = 0; first < types.length; first += CHUNK) {
      const chunk = types.slice(first, first + CHUNK);
      failures.push(...await rehearse(bindings, chunk, join(folder, String(first)), first));
      process.stderr.write(`  ${Math.min(first + CHUNK, types.length)} of ${types.length} types, ${failures.length} failures\n`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  for (const { types: where, step, output } of failures) console.log(`\nFAILED ${step}: ${where}\n${output}`);
  console.log(`\n${types.length} resource types of hashicorp/${PROVIDER} ${bindings.providerVersion}: ${failures.length} failures`);
  process.exitCode = failures.length === 0 ? 0 : 1;
}

async function rehearse(bindings: Bindings, types: readonly string[], folder: string, first: number): Promise<Failure[]> {
  const behaviour = behaviourOf(PROVIDER);
  const catalog = new Catalog(bindings, behaviour.knowledge, { types, references: {} });
  const store = new Store(join(folder, 'store'));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'main.tf.json'), JSON.stringify({
    terraform: { required_providers: { [PROVIDER]: { source: PROVIDER } } },
    provider: { [PROVIDER]: [{ region: 'eu-central-1' }] },
    resource: Object.fromEntries(types.map((type, i) => [type, { one: requiredArguments(type, bindings.schema('resource', type)?.block ?? { attributes: {}, blocks: {} }, behaviour.knowledge[type], first + i) }])),
  }));
  const faults: string[] = [];
  const attached = await attachProviders({ [`registry.terraform.io/hashicorp/${PROVIDER}`]: () => new StandInProvider({ catalog, behaviour, store }) }, (method, error) => faults.push(`${method}: ${String(error)}`));
  const failures: Failure[] = [];
  try {
    const terraform = await Terraform.find({ environment: { ...attached.environment, CHECKPOINT_DISABLE: '1' }, timeout: 300_000 });
    for (const args of [['init'], ['validate', '-json'], ['apply', '-json', '-auto-approve'], ['plan', '-json', '-detailed-exitcode'], ['destroy', '-json', '-auto-approve']]) {
      const { code, diagnostics, stdout } = await terraform.run(folder, args);
      if (code === 0) continue;
      const said = diagnostics.map(({ summary, detail = '', address, snippet }) => `  ${address ?? snippet?.context ?? ''}: ${summary}: ${detail}`);
      failures.push({ types: `${types[0] ?? ''} … ${types[types.length - 1] ?? ''}`, step: args[0] as string, output: said.length > 0 ? said.join('\n') : stdout.slice(-2000) });
      // What does not validate is not applied either.
      if (args[0] === 'validate') break;
    }
  } finally {
    attached.close();
  }
  const left = store.files();
  if (left.length > 0) failures.push({ types: left.join(' '), step: 'left behind', output: '' });
  if (faults.length > 0) failures.push({ types: types[0] ?? '', step: 'fault', output: faults.slice(0, 5).join('\n') });
  return failures;
}

void main();

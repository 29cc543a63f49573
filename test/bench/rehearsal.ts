import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Store } from '../../lib/rehearsal/cloud/store';
import { Catalog } from '../../lib/rehearsal/provider/catalog';
import { StandInProvider } from '../../lib/rehearsal/provider/provider';
import { behaviourOf } from '../../lib/rehearsal/run/stand-ins';
import { Bindings } from '../../lib/rehearsal/schema/bindings';
import { attachProviders } from '../../lib/rehearsal/terraform/attach';
import { Terraform } from '../../lib/rehearsal/terraform/terraform';
import { type Figure, median, time } from './measure';

/** Plan and apply against the stand-in, and of as many objects that Terraform has built in; of a single one, which is what starting takes. */
export async function rehearsalBenchmarks(folder: string): Promise<Figure[]> {
  if (spawnSync('terraform', ['version']).error !== undefined) return [];
  const figures: Figure[] = [];
  for (const [objects, runs] of [[1, 5], [50, 5], [300, 3], [1000, 1]] as const) figures.push(...await benchmark(folder, objects, runs));
  return figures;
}

async function benchmark(root: string, objects: number, runs: number): Promise<Figure[]> {
  const ours = { plan: [] as number[], apply: [] as number[] };
  const builtIn = { plan: [] as number[], apply: [] as number[] };
  for (let run = 0; run < runs; run++) {
    await measure(join(root, 'ours'), parameters(objects), ours);
    await measure(join(root, 'built-in'), builtInData(objects), builtIn);
  }
  return (['plan', 'apply'] as const).map((step) => ({
    name: `rehearsal: ${step} of ${objects} objects, against as many terraform_data`, ratio: Math.round((median(ours[step]) / median(builtIn[step])) * 100) / 100, goal: 3,
    unit: `× (${median(ours[step]).toFixed(0)} ms against ${median(builtIn[step]).toFixed(0)} ms; ${Math.round(process.memoryUsage().rss / 2 ** 20)} MB resident)`, runs,
  }));
}

async function measure(folder: string, configuration: object, times: { plan: number[]; apply: number[] }): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'main.tf.json'), JSON.stringify(configuration));
  const behaviour = behaviourOf('aws');
  const catalog = new Catalog(Bindings.of('aws', { from: process.cwd() }), behaviour.knowledge, { types: ['aws_ssm_parameter'], references: {} });
  const store = new Store(join(folder, 'store'));
  const attached = await attachProviders({ 'registry.terraform.io/hashicorp/aws': () => new StandInProvider({ catalog, behaviour, store }) });
  try {
    const terraform = await Terraform.find({ environment: { ...attached.environment, CHECKPOINT_DISABLE: '1' }, timeout: 300_000 });
    const run = async (...args: string[]): Promise<void> => {
      const { code, diagnostics } = await terraform.run(folder, args);
      if (code !== 0) throw new Error(JSON.stringify(diagnostics));
    };
    await run('init');
    times.plan.push(await time(() => run('plan', '-out=plan', '-no-color')));
    times.apply.push(await time(() => run('apply', '-no-color', 'plan')));
  } finally {
    attached.close();
  }
}

const named = (objects: number, value: (name: string) => object) => Object.fromEntries(Array.from({ length: objects }, (_, i) => [`object_${i}`, value(`object-${i}`)]));
const builtInData = (objects: number) => ({ resource: { terraform_data: named(objects, (input) => ({ input })) } });
const parameters = (objects: number) => ({
  terraform: { required_providers: { aws: { source: 'aws' } } }, provider: { aws: [{ region: 'eu-central-1' }] },
  resource: { aws_ssm_parameter: named(objects, (name) => ({ name: `/${name}`, type: 'String', value: name })) },
});

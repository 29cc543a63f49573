import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { prepareEnvironment, rehearse, type RehearsalOptions } from '../../lib/rehearsal';
import { Store } from '../../lib/rehearsal/cloud/store';
import { freshFolder } from '../support/fresh-folder';
import { describeTerraform } from '../support/terraform';
import { at, inRegions, type WrittenStack, writeStacks } from './support/stacks';

const parameter = (path: string, name: string, value: string, more: Readonly<Record<string, unknown>> = {}) => at(path, { name, type: 'String', value, ...more });

/** A foundation and a stack that reads from it, in two regions. */
const application = (size = 'small'): Record<string, WrittenStack> => ({
  base: {
    configuration: {
      ...inRegions('eu-central-1', { recovery: 'eu-west-1' }),
      resource: {
        aws_kms_key: { key: at('base/Key', { description: 'a key', enable_key_rotation: true }), copy: at('base/Copy', { description: 'another', provider: 'aws.recovery' }) },
        aws_ssm_parameter: { name: parameter('base/Name', '/name', '${aws_kms_key.key.key_id}') },
      },
      output: { key: { value: '${aws_kms_key.key.arn}' }, copy: { value: '${aws_kms_key.copy.arn}' }, hidden: { value: '${aws_ssm_parameter.name.value}', sensitive: true } },
    },
  },
  data: {
    dependencies: ['base'],
    configuration: {
      ...inRegions('eu-central-1'),
      data: { terraform_remote_state: { 'cross-stack-reference-input-base': { backend: 's3', config: { bucket: 'states', key: 'a.tfstate', region: 'eu-central-1' } } } },
      resource: { aws_ssm_parameter: { size: parameter('data/Size', '/size', size, { description: '${data.terraform_remote_state.cross-stack-reference-input-base.outputs.key}' }) } },
    },
  },
});

function run(stacks: Readonly<Record<string, WrittenStack>>, options: RehearsalOptions = {}) {
  const folder = freshFolder();
  return rehearse({ from: process.cwd(), dir: writeStacks(folder, stacks), keep: join(folder, 'work'), ...options });
}
const only = (resource: Readonly<Record<string, unknown>>, more: Readonly<Record<string, unknown>> = {}): Record<string, WrittenStack> => ({ one: { configuration: { ...inRegions('eu-central-1'), ...(Object.keys(resource).length === 0 ? {} : { resource }), ...more } as WrittenStack['configuration'] } });
const refused = (stacks: Readonly<Record<string, WrittenStack>>, options: RehearsalOptions = { until: 'validate' }): Promise<string> => run(stacks, options).then(() => 'nothing was refused', (error: Error) => error.message);

describeTerraform('a rehearsal', () => {
  it('[DBAAS-2.2] validates, plans, applies, plans again and destroys, in order, and hands outputs from stack to stack', async () => {
    const seen: Record<string, Readonly<Record<string, unknown>>>[] = [];
    const steps: string[] = [];
    const keep = freshFolder();
    const report = await run(application(), { keep, onApplied: async (outputs) => void seen.push(outputs), onStep: (stack, step, ended) => ended && steps.push(`${stack} ${step}`) });
    expect(steps).toEqual(['base validate', 'base plan', 'base apply', 'base second plan', 'data validate', 'data plan', 'data apply', 'data second plan', 'data destroy', 'base destroy']);
    expect(report.stacks.map(({ name, changes, differs }) => [name, changes.map(({ action, constructPath }) => `${action} ${constructPath ?? ''}`), differs])).toEqual([
      ['base', ['create base/Copy', 'create base/Key', 'create base/Name'], []], ['data', ['create data/Size'], []],
    ]);
    const [outputs] = seen;
    // A sensitive output is left out, as cdktf deploy does.
    expect(Object.keys(outputs?.['base'] ?? {})).toEqual(['copy', 'key']);
    expect(outputs?.['base']?.['key']).toMatch(/^arn:aws:kms:eu-central-1:123456789012:key\/[0-9a-f-]{36}$/);
    // Each alias has its own region, although one process serves both.
    expect(outputs?.['base']?.['copy']).toMatch(/^arn:aws:kms:eu-west-1:/);
    expect(new Store(join(keep, 'store', 'objects')).files()).toEqual([]);
    const plan = JSON.parse(readFileSync(join(keep, 'plans', 'data.json'), 'utf8')) as { resource_changes: { address: string }[] };
    expect(plan.resource_changes.map(({ address }) => address)).toEqual(['aws_ssm_parameter.size']);
  });

  it('goes on from a store: the plan shows what changes, and leaves the store as it is', async () => {
    const store = freshFolder();
    await run(application('small'), { store, until: 'apply' });
    const files = new Store(join(store, 'objects')).files();
    expect(files).toHaveLength(4);
    const planned = await run(application('large'), { store, until: 'plan' });
    expect(planned.stacks.flatMap(({ changes }) => changes)).toEqual([{ address: 'aws_ssm_parameter.size', constructPath: 'data/Size', action: 'update', attributes: expect.arrayContaining(['value']) as string[], replacedBy: [] }]);
    expect((new Store(join(store, 'objects')).list('aws_ssm_parameter').map(({ value }) => value))).toContain('small');
    // An edit behind Terraform's back is drift.
    const size = join(store, 'objects', files.find((file) => file.includes('size')) ?? '');
    writeFileSync(size, readFileSync(size, 'utf8').replace('"small"', '"edited"'));
    const drifted = await run(application('small'), { store, until: 'plan' });
    expect(drifted.stacks.flatMap(({ changes }) => changes).map(({ action, constructPath }) => `${action} ${constructPath ?? ''}`)).toEqual(['update data/Size']);
    await run(application('small'), { store });
    expect(new Store(join(store, 'objects')).files()).toEqual([]);
  });

  it('[DBAAS-2.2] goes on after a failure in the middle: nothing is made twice', async () => {
    const store = freshFolder();
    const message = await refused(application(), { store, until: 'apply', faults: ['aws_ssm_parameter create after 1'] });
    expect(message).toBe('rehearsal/apply  at data/Size (aws_ssm_parameter.size)\n\n  create aws_ssm_parameter: failed on purpose: The rehearsal was told to let this step fail.');
    const before = new Store(join(store, 'objects')).files();
    expect(before).toHaveLength(3);
    const report = await run(application(), { store, until: 'apply' });
    expect(report.stacks.flatMap(({ changes }) => changes).map(({ action, constructPath }) => `${action} ${constructPath ?? ''}`)).toEqual(['create data/Size']);
    expect(new Store(join(store, 'objects')).files()).toEqual(expect.arrayContaining(before));
  });

  it('refuses what Terraform refuses, and names the construct', async () => {
    expect(await refused(only({ aws_kms_key: { key: at('one/Key', { descriptoin: 'a key' }) } }))).toBe('rehearsal/validate  at one/Key (aws_kms_key.key)\n\n  Extraneous JSON object property: No argument or block type is named "descriptoin". Did you mean "description"?');
    expect(await refused(only({ aws_subnet: { a: at('one/Subnet', { cidr_block: '10.0.0.0/24' }) } }))).toBe('rehearsal/validate  at one/Subnet (aws_subnet.a)\n\n  Missing required argument: The argument "vpc_id" is required, but no definition was found.');
    expect(await refused(only({ aws_subnet: { a: at('one/Subnet', { vpc_id: '${null}' }) } }))).toBe('rehearsal/validate  at one/Subnet (aws_subnet.a)\n\n  Missing required argument: The argument "vpc_id" is required, but it is null.');
    expect(await refused(only({ aws_kms_key: { key: at('one/Key', { deletion_window_in_days: 'soon' }) } }))).toBe('rehearsal/validate  at one/Key (aws_kms_key.key)\n\n  Incorrect attribute value type: Inappropriate value for attribute "deletion_window_in_days": a number is required.');
    const cycle = await refused(only({ aws_ssm_parameter: { a: parameter('one/A', '/a', '${aws_ssm_parameter.b.arn}'), b: parameter('one/B', '/b', '${aws_ssm_parameter.a.arn}') } }));
    expect(cycle).toBe('rehearsal/validate  at one\n\n  These refer to each other, so that none can be made first: one/A and one/B.');
  });

  it('refuses what the knowledge of the provider refuses, and names the construct', async () => {
    expect(await refused(only({ aws_kms_key: { key: at('one/Key', { deletion_window_in_days: 99 }) } }))).toBe('rehearsal/validate  at one/Key (aws_kms_key.key)\n\n  expected deletion_window_in_days to be in the range (7 - 30), got 99');
    expect(await refused(only({ aws_db_subnet_group: { group: at('one/Group', { name: 'a', name_prefix: 'b', subnet_ids: ['subnet-1'] }) } }))).toBe('rehearsal/validate  at one/Group (aws_db_subnet_group.group)\n\n  Conflicting configuration arguments: "name": conflicts with name_prefix');
  });

  it('refuses to read an argument that is never set, and warns where only the schema is known', async () => {
    const stacks = only({
      aws_ssm_parameter: { a: parameter('one/A', '/a', 'x'), b: parameter('one/B', '/b', '${aws_ssm_parameter.a.description}') },
    });
    expect(await refused(stacks)).toBe('rehearsal/never-set  at one/B\n\n  description of one/A (aws_ssm_parameter) is read here, but it is never set, and the provider does not set it either: the value is null.\n\n  Set description there, or read another attribute.');
    const report = await run(only({ aws_ec2_host: { host: at('one/Host', { availability_zone: 'eu-central-1a' }) }, aws_ssm_parameter: { b: parameter('one/B', '/b', '${aws_ec2_host.host.instance_family}') } }, { data: { aws_ebs_volume: { v: at('one/V', {}) } } }));
    // A data source is none of them, although there is a resource type of its name.
    expect(report.schemaOnly).toEqual(['aws_ec2_host']);
    expect(report.warnings.map(({ code, at: where }) => `${code} at ${where ?? ''}`)).toEqual(['rehearsal/assumed at one/B', 'rehearsal/plan at one/V (data.aws_ebs_volume.v)']);
  });

  it('takes an output that changes each time for a plan that is not empty', async () => {
    const { stacks } = await run(only({}, { output: { now: { value: '${timestamp()}' } } }), { until: 'apply' });
    expect(stacks.map(({ differs }) => differs)).toEqual([[{ address: 'output.now', action: 'update', attributes: ['value'], replacedBy: [] }]]);
  });

  it('shows what is forgotten, and leaves it in the store', async () => {
    const store = freshFolder();
    await run(only({ aws_kms_key: { key: at('one/Key', { description: 'a key' }) } }), { store, until: 'apply' });
    const { stacks } = await run(only({}, { removed: [{ from: 'aws_kms_key.key', lifecycle: { destroy: false } }] }), { store });
    expect(stacks.map(({ changes }) => changes.map(({ action, address }) => `${action} ${address}`))).toEqual([['forget aws_kms_key.key']]);
    expect(new Store(join(store, 'objects')).files()).toHaveLength(1);
    expect(await refused(only({}), { store })).toContain('If they were put there by hand, or forgotten on purpose (a removed block), delete these files.');
  });

  it('serves the types that only a module has, and names the module', async () => {
    const folder = writeStacks(freshFolder(), only({}, { module: { queue: at('one/Queue', { source: './assets/queue' }) } }));
    const module = join(folder, 'stacks', 'one', 'assets', 'queue');
    mkdirSync(module, { recursive: true });
    writeFileSync(join(module, 'main.tf'), 'resource "aws_iot_thing" "t" {\n  name = "sensor"\n}\n');
    const { stacks, schemaOnly } = await rehearse({ from: process.cwd(), dir: folder });
    expect(stacks.map(({ changes }) => changes.map(({ action, address, constructPath }) => `${action} ${constructPath ?? ''} ${address}`))).toEqual([['create one/Queue module.queue.aws_iot_thing.t']]);
    expect(schemaOnly).toEqual(['aws_iot_thing']);
  });

  it('keeps to its folder, whatever a region is called', async () => {
    const store = freshFolder();
    await run({ one: { configuration: { ...inRegions('../../../out'), resource: { aws_kms_key: { key: at('one/Key', { description: 'a key' }) } } } } }, { store, until: 'apply' });
    expect(readdirSync(join(store, 'objects'))).toEqual(['..%2F..%2F..%2Fout']);
  });

  it('replaces no folder that it has not written', async () => {
    const keep = freshFolder();
    const own = join(keep, 'stacks', 'one');
    mkdirSync(own, { recursive: true });
    writeFileSync(join(own, 'main.ts'), 'mine');
    expect(await refused(only({}), { keep })).toBe(`rehearsal/keep-taken  at ${own}\n\n  The folder of --keep holds this already, and no rehearsal has written it: it would be replaced.\n\n  Give --keep a folder of its own, such as .tenantry/rehearsal.`);
    expect(readFileSync(join(own, 'main.ts'), 'utf8')).toBe('mine');
    const dir = writeStacks(join(keep, 'cdktf.out'), only({}));
    await expect(prepareEnvironment(keep, { from: process.cwd(), dir })).rejects.toThrow('rehearsal/keep-taken');
    expect(readdirSync(join(dir, 'stacks', 'one'))).toEqual(['cdk.tf.json']);
  });

  it('refuses a state that no stack here writes, and a provider without bindings', async () => {
    const foreign = only({}, { data: { terraform_remote_state: { network: { backend: 's3', config: { bucket: 'others', key: 'net.tfstate' } } } } });
    expect(await refused(foreign)).toBe('rehearsal/foreign-state  at one\n\n  The stack reads the state "network", which none of the stacks here writes.\n\n  Rehearse both applications with one store, or give what it reads as a property.');
    const random: Record<string, WrittenStack> = { one: { configuration: { terraform: { required_providers: { random: { source: 'hashicorp/random' } } } } } };
    expect(await refused(random)).toContain('rehearsal/no-bindings  at random');
  });

  it('knows an output that depends on a computed value only after the apply, whole', async () => {
    const text = '{"host":"${aws_kms_key.key.arn}","note":"a \\"quoted\\" note"}';
    const seen: unknown[] = [];
    const keep = freshFolder();
    await run(only({ aws_kms_key: { key: at('one/Key', { description: 'a key' }) } }, { output: { manifest: { value: text } } }), { keep, onApplied: async (outputs) => void seen.push(outputs['one']?.['manifest']) });
    const plan = JSON.parse(readFileSync(join(keep, 'plans', 'one.json'), 'utf8')) as { planned_values: { outputs: Record<string, { value?: unknown }> } };
    expect(plan.planned_values.outputs['manifest']?.value).toBeUndefined();
    expect(JSON.parse(seen[0] as string)).toEqual({ host: expect.stringMatching(/^arn:aws:kms:/) as string, note: 'a "quoted" note' });
  });

  it('leaves no file but where it is told to', async () => {
    const folder = freshFolder();
    await rehearse({ from: process.cwd(), dir: writeStacks(join(folder), application()) });
    expect(readdirSync(folder).sort()).toEqual(['manifest.json', 'stacks']);
    expect(readdirSync(join(folder, 'stacks', 'base'))).toEqual(['cdk.tf.json']);
    expect(existsSync(join(folder, 'stacks', 'base', '.terraform.lock.hcl'))).toBe(false);
  });
});

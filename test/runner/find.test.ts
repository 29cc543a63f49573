import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { tenantry } from '../cli/support';
import { freshFolder } from '../support/fresh-folder';

const common = { format: 'tenantry/runner@1', region: 'eu-central-1', logGroup: '/tenantry/x', logStreamPrefix: 'runner', timeoutSeconds: 3600, compute: 'codebuild', project: 'x' };
const one = { ...common, name: 'shop-staging-data-runner', declaration: 'shop' };
const other = { ...common, name: 'crm-staging-data-runner', declaration: 'crm' };

/** What is wrong with a command line is said before AWS is asked for anything. */
describe('--runner', () => {
  let folder: string;
  let outputs: string;
  const file = (name: string, ...runners: readonly unknown[]): string => {
    const path = join(folder, name);
    writeFileSync(path, JSON.stringify({ 'staging-data': Object.fromEntries(runners.map((runner, i) => [`Runner${i}`, typeof runner === 'string' ? runner : JSON.stringify(runner)])) }));
    return path;
  };

  beforeAll(() => {
    folder = freshFolder('runner');
    outputs = file('outputs.json', one, other, 'tenantry/runner@1 is only mentioned here');
  });

  it('needs to know where the name is described', async () => {
    const { code, err } = await tenantry(['bootstrap', 'plan', '--runner', 'shop-staging-data-runner']);
    expect({ code, err }).toEqual({ code: 64, err: `runner/where  at --runner

  It is not said where "shop-staging-data-runner" is described.

  Give the parameter, --runner ssm:/<platform>/<environment>/<layer>/<declaration>/runner, or the outputs of the deployment besides: --manifest outputs.json.
` });
  });

  it('names those that there are', async () => {
    const { code, err } = await tenantry(['bootstrap', 'verify', '--runner', 'shop-production-data-runner', '--manifest', outputs]);
    expect({ code, err }).toEqual({ code: 64, err: `runner/unknown  at ${outputs}

  There is no runner "shop-production-data-runner" in the file; it describes shop-staging-data-runner (of shop) and crm-staging-data-runner (of crm).

  Give one of these names with --runner, or the file that cdktf deploy --outputs-file wrote for the stack of the BootstrapRunner.
` });
  });

  it.each([
    ['several of one declaration', () => file('several.json', one, { ...one, name: 'another' }), 'shop', 'runner/unknown', 'There are several runners "shop" in the file; it describes shop-staging-data-runner (of shop) and another (of shop).'],
    ['none at all', () => file('none.json', 'x'), 'shop', 'runner/unknown', 'There is no runner "shop" in the file; it describes none.'],
    ['a description that lacks something', () => file('wrong.json', { ...one, compute: 'fargate' }), 'shop', 'runner/description', 'This is no description of a runner: cluster: Invalid input'],
    ['a file that is none', () => join(folder, 'nowhere.json'), 'shop', 'cli/file', 'cannot be read: there is no such file.'],
  ])('refuses %s', async (_title, make, name, errorCode, problem) => {
    const { code, err } = await tenantry(['bootstrap', 'plan', '--runner', name, '--manifest', make()]);
    expect({ code, first: err.split(' ')[0] }).toEqual({ code: 64, first: errorCode });
    expect(err).toContain(problem);
  });

  it('refuses what is about this machine, all at once', async () => {
    const { code, err } = await tenantry(['bootstrap', 'apply', '--runner', 'shop', '--manifest', outputs, '--embedded', '--ca', 'x', '--iam', 'me', '--evidence', 'e.json', '--passwords', 'p', '--database', 'shop', '--database-url', 'postgresql://u:s3cret@h']);
    expect(code).toBe(64);
    expect(err.match(/^cli\/runner-option {2}at .*$/gm)).toEqual(['--embedded', '--database-url', '--passwords', '--database', '--iam', '--ca', '--evidence'].map((option) => `cli/runner-option  at ${option}`));
    expect(err).not.toContain('s3cret');
    expect((await tenantry(['bootstrap', 'plan', '--runner', 'shop', '--manifest', outputs, '--plan', 'x'])).err).toBe(`cli/runner-option  at --plan

  --plan is about this machine, and the command runs on another one.

  Write the plan from standard output: --format json > plan.json.
`);
  });
});

import { CreateLogGroupCommand, CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { CodeBuildClient, CreateProjectCommand } from '@aws-sdk/client-codebuild';
import { CreateClusterCommand, ECSClient, RegisterTaskDefinitionCommand } from '@aws-sdk/client-ecs';
import { CreateSecretCommand, GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { CodebuildProject } from '@cdktf/provider-aws/lib/codebuild-project';
import { EcsTaskDefinition } from '@cdktf/provider-aws/lib/ecs-task-definition';
import { SsmParameter } from '@cdktf/provider-aws/lib/ssm-parameter';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RunnerCompute } from '../../lib/bootstrap-runner';
import { type FargateRunner, manifestText, readManifests, type RunnerDescription } from '../../lib/manifest';
import { findRunner, runIn } from '../../lib/runner';
import { make } from '../bootstrap-runner/fixture';
import { refusalOf } from '../bootstrap/support/platform';
import { tenantry } from '../cli/support';
import { freshFolder } from '../support/fresh-folder';
import { motoMissing, startMoto } from '../support/moto';
import { startTestServer, type TestServer } from '../support/postgres';
import { type Json, synthesizeStack } from '../support/synth';
import { BROKEN, networkIn, startCompute } from './support/compute';
import { entryPointMissing, startEntryPoint } from './support/entry-point';
import { putParameter, REGION, storeManifest } from './support/manifest-in-aws';

const missing = motoMissing ?? entryPointMissing;
const GROUP = '/tenantry/runner';

/** From the construct to the exit code: what it synthesizes is registered with the emulator, started by the command line, and run as a container would run it. */
describe.skipIf(missing !== undefined)(`tenantry bootstrap --runner${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  let server: TestServer;
  let compute: Awaited<ReturnType<typeof startCompute>>;
  let outputs: string;
  let secret: string;
  const runners: Record<string, RunnerDescription> = {};
  const look = { interval: 50, onLine: (line: string) => void lines.push(line), onEvent: (text: string) => void events.push(text) };
  let lines: string[] = [];
  let events: string[] = [];

  beforeAll(async () => {
    const { endpoint } = await startMoto();
    process.env.AWS_REGION = REGION;
    server = await startTestServer();
    await new CloudWatchLogsClient({ region: REGION }).send(new CreateLogGroupCommand({ logGroupName: GROUP }));
    const secrets = new SecretsManagerClient({ region: REGION });
    const master = (await secrets.send(new CreateSecretCommand({ Name: 'master', SecretString: '{"username":"root","password":"p4ss"}' }))).ARN;
    secret = (await secrets.send(new CreateSecretCommand({ Name: 'shop/batch' }))).ARN as string;
    const tenantSecret = (await secrets.send(new CreateSecretCommand({ Name: 'shop/batch-initech' }))).ARN;

    const caFile = join(freshFolder('ca'), 'bundle.pem');
    writeFileSync(caFile, '');
    const [fargate, build] = [RunnerCompute.fargate(), RunnerCompute.codeBuild()].map((kind) => synthesizeStack(make({ caFile, compute: kind }).stack)) as [ReturnType<typeof synthesizeStack>, ReturnType<typeof synthesizeStack>];
    const { manifest } = readManifests(fargate.text, 'cdk.tf.json')[0]!;
    const main = { ...manifest.servers.main!, host: server.host, port: server.port, masterUsername: server.bootstrapUser, masterSecretArn: master, loginSecrets: { shop_batch_login: secret, shop_batch__initech_login: tenantSecret } };
    await storeManifest(manifestText({ ...manifest, servers: { main } }));

    const ecs = new ECSClient({ region: REGION });
    const cluster = (await ecs.send(new CreateClusterCommand({ clusterName: 'jobs' }))).cluster?.clusterArn as string;
    const [container] = JSON.parse(fargate.resource(EcsTaskDefinition).container_definitions);
    container.logConfiguration.options['awslogs-group'] = GROUP;
    // The emulator wants a memory of the container too.
    const register = async (family: string, one: Json): Promise<string> => (await ecs.send(new RegisterTaskDefinitionCommand({ family, networkMode: 'awsvpc', requiresCompatibilities: ['FARGATE'], cpu: '512', memory: '1024', containerDefinitions: [{ ...one, memory: 1024 }] }))).taskDefinition?.taskDefinitionArn as string;
    const project = build.resource(CodebuildProject);
    project.logs_config.cloudwatch_logs.group_name = GROUP;
    await new CodeBuildClient({ region: REGION }).send(new CreateProjectCommand({
      // The emulator wants a place of the source even where there is none.
      name: project.name, source: { type: 'NO_SOURCE', location: 'none', buildspec: project.source.buildspec }, artifacts: { type: 'NO_ARTIFACTS' }, serviceRole: 'arn:aws:iam::123456789012:role/service-role/build',
      environment: { type: 'LINUX_CONTAINER', image: project.environment.image, computeType: 'BUILD_GENERAL1_SMALL' },
    }));
    const broken = { ...container, image: BROKEN };
    const description = (stack: typeof fargate): Json => JSON.parse(stack.resources(SsmParameter).find(({ address }) => address.includes('Runner_'))?.arguments.insecure_value);
    const known = { ...description(fargate), logGroup: GROUP, cluster, ...await networkIn(endpoint) };
    Object.assign(runners, {
      fargate: { ...known, taskDefinition: await register('runner', container) },
      broken: { ...known, name: 'broken', taskDefinition: await register('broken', broken) },
      build: { ...description(build), name: 'build', logGroup: GROUP, project: project.name },
    });
    outputs = join(freshFolder('outputs'), 'outputs.json');
    writeFileSync(outputs, JSON.stringify({ 'staging-data': Object.fromEntries(Object.entries(runners).map(([name, one]) => [`Runner_${name}`, JSON.stringify(one)])) }));
    await putParameter('/shop/staging/data/shop/runner', JSON.stringify(runners.fargate));
    compute = await startCompute(endpoint, { runner: container, broken }, { [project.name]: project });
    process.env.AWS_ENDPOINT_URL = compute.endpoint;
  }, 60_000);

  beforeEach(() => {
    lines = [];
    events = [];
  });

  it('applies on Fargate with what the parameter says, hands on the log and ends with 0', async () => {
    const { code, out, err } = await tenantry(['bootstrap', 'apply', '--runner', 'ssm:/shop/staging/data/shop/runner']);
    expect({ code, err: err.split('\n').map((line) => line.replace(/[0-9a-f-]{36}/, '<id>')) }).toEqual({ code: 0, err: ['runner      shop-staging-data-runner: task <id> started', 'runner      shop-staging-data-runner: running', 'runner      shop-staging-data-runner: stopped', ''] });
    expect(out).toMatch(/^ {2}applied {5}shop: \d+ changes, 1 tenant, generation 1/m);
    expect(JSON.parse(out.slice(out.indexOf('\n{\n')))).toMatchObject({ format: 'tenantry/evidence@1', outcome: 'isolated' });
    const { subnets, securityGroup } = runners.fargate as FargateRunner;
    expect(compute.calls[0]).toEqual(['RunTask', {
      cluster: expect.stringMatching(/:cluster\/jobs$/), taskDefinition: expect.stringMatching(/:task-definition\/runner:1$/), launchType: 'FARGATE', count: 1, clientToken: expect.stringMatching(/^[0-9a-f-]{36}$/), startedBy: 'tenantry',
      enableExecuteCommand: false, propagateTags: 'TASK_DEFINITION', networkConfiguration: { awsvpcConfiguration: { subnets, securityGroups: [securityGroup], assignPublicIp: 'DISABLED' } },
      overrides: { containerOverrides: [{ name: 'tenantry', command: ['bootstrap', 'apply', '--lock-wait', '300', '--format', 'text'] }] },
    }]);
    const { SecretString } = await new SecretsManagerClient({ region: REGION }).send(new GetSecretValueCommand({ SecretId: secret }));
    expect(JSON.parse(SecretString ?? '{}').username, 'the bootstrap wrote the password').toBe('shop_batch_login');
    expect(out + err).not.toContain(JSON.parse(SecretString ?? '{}').password);
  }, 60_000);

  it('hands on options, and gives a document that was asked for', async () => {
    const plan = await tenantry(['bootstrap', 'plan', '--runner', 'shop-staging-data-runner', '--manifest', outputs, '--format', 'json', '--detailed-exitcode']);
    expect(plan.code).toBe(0);
    expect(JSON.parse(plan.out)).toMatchObject({ format: 'tenantry/plan@1', status: 'as declared' });
    const file = join(freshFolder('plan'), 'plan.json');
    writeFileSync(file, JSON.stringify({ format: 'tenantry/plan@1', fingerprint: 'f'.repeat(64) }));
    const other = await tenantry(['bootstrap', 'apply', '--runner', 'shop-staging-data-runner', '--manifest', outputs, '--plan', file]);
    expect({ code: other.code, out: other.out }).toEqual({ code: 3, out: expect.stringContaining('The database is not as it was when the plan was made') });
    expect(other.err).toContain('The task ended with exit code 3.\n');
  }, 60_000);

  it('runs in CodeBuild as well, and keeps the exit code that is told in a text alone', async () => {
    const build = await tenantry(['bootstrap', 'plan', '--runner', 'build', '--manifest', outputs]);
    expect({ code: build.code, err: build.err.replace(/task \S+/, 'task <id>') }).toEqual({ code: 0, err: 'runner      build: task <id> started\nrunner      build: build\nrunner      build: completed\n' });
    expect(build.out).toContain('As declared: nothing to do.');
    const admin = await server.admin('shop');
    await admin.query('alter table shop.orders disable row level security');
    try {
      expect(await runIn({ runner: runners.build!, args: ['bootstrap', 'plan', '--detailed-exitcode'], ...look })).toEqual({ exitCode: 2, stopped: false });
      expect(await runIn({ runner: runners.fargate!, args: ['bootstrap', 'verify'], ...look })).toEqual({ exitCode: 3, stopped: false });
    } finally {
      await admin.query('alter table shop.orders enable row level security');
      await admin.end();
    }
  }, 60_000);

  describe('while another apply holds the lock', () => {
    const waiting = async (use: () => Promise<void>): Promise<void> => {
      const other = await server.connect();
      await other.query('select pg_advisory_lock($1, 1)', [0x746e7479]);
      try {
        await use();
      } finally {
        await other.end();
      }
    };
    const connected = async (): Promise<void> => {
      const admin = await server.admin();
      for (let i = 0; i < 200 && (await admin.query("select from pg_stat_activity where application_name = 'tenantry'")).rowCount === 0; i += 1) await new Promise((resolve) => setTimeout(resolve, 50));
      await admin.end();
    };

    it.each(['fargate', 'build'])('stops the task of %s when it is stopped itself, and says so', async (name) => {
      await waiting(async () => {
        const stop = new AbortController();
        const run = runIn({ runner: runners[name]!, args: ['bootstrap', 'apply', '--lock-wait', '60'], signal: stop.signal, ...look });
        await connected();
        stop.abort('SIGINT');
        expect(await run).toEqual({ exitCode: name === 'fargate' ? 143 : 1, stopped: true });
        expect(events.map((event) => event.replace(/task \S+/, 'task <id>'))).toContain(`runner      ${runners[name]!.name}: stopping task <id>`);
        expect(lines).toContain('Stopped by SIGTERM. What was committed stays, the rest is rolled back; the next run goes on from there.');
        expect((await compute.latest().ended).signal).toBeNull();
      });
    }, 60_000);

    it('stops the task when the command line gets Ctrl-C, says so, and ends as a shell expects', async () => {
      await waiting(async () => {
        const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = process.env;
        const started = startEntryPoint(['bootstrap', 'apply', '--lock-wait', '60', '--runner', 'ssm:/shop/staging/data/shop/runner'], { AWS_ENDPOINT_URL: compute.endpoint, AWS_REGION: REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY });
        await started.says('task ');
        await connected();
        started.child.kill('SIGINT');
        const { code, signal, out, err } = await started.ended;
        expect({ code, signal }).toEqual({ code: 130, signal: null });
        expect(err).toMatch(/: stopping task \S+\n/);
        expect(err).toContain('The task was stopped. What it committed stays, the rest is rolled back; the next run goes on from there.\n');
        expect(out).toContain('Stopped by SIGTERM.');
        expect((await compute.latest().ended).code).toBe(143);
      });
    }, 60_000);

    it('stops it when its time is up', async () => {
      await waiting(async () => {
        const from = Date.now();
        const { codes, kind, message } = await refusalOf(runIn({ runner: { ...runners.fargate!, timeoutSeconds: 2 }, args: ['bootstrap', 'apply', '--lock-wait', '60'], ...look }));
        expect(Date.now() - from).toBeLessThan(20_000);
        expect({ codes, kind }).toEqual({ codes: ['runner/timeout'], kind: 'failed' });
        expect(message).toMatch(/^runner\/timeout {2}at shop-staging-data-runner\n\n {2}Task \S+ took longer than 2 s and was stopped\./);
        expect(compute.calls.filter(([action]) => action === 'StopTask').at(-1)?.[1].reason).toBe('its time is up');
        // The task is told to end; when its process is gone depends on the machine.
        expect((await compute.latest().ended).code).toBe(143);
      });
    }, 60_000);
  });

  it('says why a task never ran', async () => {
    const { code, err } = await tenantry(['bootstrap', 'plan', '--runner', 'broken', '--manifest', outputs]);
    expect(code).toBe(1);
    expect(err).toMatch(/runner\/no-exit-code {2}at broken\n\n {2}Task \S+ ended before the command had run to its end: CannotPullContainerError: i\/o timeout\.\n\n {2}An image that cannot be pulled or a log that cannot be written means a missing endpoint or permission/);
  });

  it('goes on without the log where that cannot be read or is not there, and says so once', async () => {
    expect(await runIn({ runner: { ...runners.fargate!, logGroup: '/not/there' }, args: ['bootstrap', 'plan'], ...look })).toEqual({ exitCode: 0, stopped: false });
    expect(events.at(-1)).toMatch(/^runner {6}shop-staging-data-runner: there is no log in stream runner\/tenantry\/\S+ of \/not\/there$/);
    process.env.AWS_ENDPOINT_URL_CLOUDWATCH_LOGS = 'http://127.0.0.1:1';
    try {
      expect(await runIn({ runner: runners.fargate!, args: ['bootstrap', 'plan'], ...look })).toEqual({ exitCode: 0, stopped: false });
    } finally {
      delete process.env.AWS_ENDPOINT_URL_CLOUDWATCH_LOGS;
    }
    expect(events.filter((event) => event.startsWith('runner      shop-staging-data-runner: the log cannot be read, and is in /tenantry/runner: '))).toHaveLength(1);
    expect(lines).toEqual([]);
  }, 60_000);

  it('says what is not there any more', async () => {
    const gone = { ...runners.fargate!, cluster: 'arn:aws:ecs:eu-central-1:123456789012:cluster/gone' } as RunnerDescription;
    const { codes, message } = await refusalOf(runIn({ runner: gone, args: ['bootstrap', 'plan'], ...look }));
    expect(codes).toEqual(['runner/aws']);
    expect(message).toMatch(/^runner\/aws {2}at shop-staging-data-runner\n\n {2}AWS refused ecs:RunTask: ClusterNotFoundException: /);
    expect(await refusalOf(findRunner('ssm:/shop/staging/data/shop/manifest', undefined))).toMatchObject({ codes: ['runner/description'] });
  });
});

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, gzipSync } from 'node:zlib';
import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import { CloudwatchLogSubscriptionFilter } from '@cdktf/provider-aws/lib/cloudwatch-log-subscription-filter';
import { CloudwatchLogDataProtectionPolicy } from '@cdktf/provider-aws/lib/cloudwatch-log-data-protection-policy';
import { CloudwatchMetricAlarm } from '@cdktf/provider-aws/lib/cloudwatch-metric-alarm';
import { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy';
import { LambdaFunction } from '@cdktf/provider-aws/lib/lambda-function';
import { LambdaFunctionEventInvokeConfig } from '@cdktf/provider-aws/lib/lambda-function-event-invoke-config';
import { LambdaPermission } from '@cdktf/provider-aws/lib/lambda-permission';
import { describe, expect, it } from 'vitest';
import { OS_METRICS } from '../../lib/alerting/metric-names';
import { OsMetrics, type OsMetricsProps } from '../../lib/alerting/os-metrics';
import { OS_METRICS_HANDLER } from '../../lib/alerting/os-metrics-handler';
import { zipOf } from '../../lib/alerting/zip';
import { EncryptionKey } from '../../lib/encryption';
import { freshFolder } from '../support/fresh-folder';
import { expectRefusal, type Json, synthesizeStack, testStack } from '../support/synth';
import { importedChannel } from './fixture';

const KEY = 'arn:aws:kms:eu-central-1:123456789012:key/k';

function make(props: Partial<OsMetricsProps> = {}) {
  const stack = testStack({}, 'foundation');
  const made = new OsMetrics(stack, 'OsMetrics', { alerts: importedChannel(stack), encryptionKey: EncryptionKey.fromEncryptionKeyAttributes(stack, 'Key', { encryptionKeyArn: KEY }), ...props });
  return { stack, made };
}

/** The records have the form that RDS writes: kilobytes, the instance, neither cluster nor role. */
const sample = (more: Json = {}): Json => ({
  engine: 'POSTGRES', instanceID: 'shop-staging-data-cluster-a', instanceResourceID: 'db-3AA6AU62HV6KOH2W6IU7IN6I4Q', timestamp: new Date(Date.now() - 4000).toISOString().replace(/\.\d+Z/, 'Z'), version: 1, uptime: '39 days, 5:08:13', numVCPUs: 4,
  cpuUtilization: { guest: 0, irq: 0.72, system: 7.25, wait: 4.35, idle: 78.99, user: 3.62, total: 21.01, steal: 1.45, nice: 3.62 },
  loadAverageMinute: { fifteen: 0.4, five: 0.3, one: 6 },
  memory: { writeback: 0, cached: 3_000_000, free: 2_000_000, inactive: 838_368, active: 3_766_972, total: 7_697_596, slab: 239_772, buffers: 1000 },
  tasks: { sleeping: 256, zombie: 0, running: 4, stopped: 0, total: 262, blocked: 2 },
  swap: { cached: 0, total: 4_095_996, free: 4_095_000, in: 0, out: 0 },
  network: [{ interface: 'eth0', rx: 640, tx: 2856 }],
  diskIO: [{ device: 'rdsdev', util: 0.04, avgQueueLen: 0, await: 0.71 }],
  fileSys: [{ name: 'rdsfilesys', mountPoint: '/rdsdbdata', usedPercent: 61.5, total: 1, used: 1 }, { name: 'rootfilesys', mountPoint: '/', usedPercent: 99, total: 1, used: 1 }],
  processList: [{ name: 'postgres: secret_user shop 10.0.0.1(1234) idle', id: 12, parentID: 1, memoryUsedPc: 1, cpuUsedPc: 1, rss: 1, vss: 1, tgid: 12, vmlimit: '' }],
  ...more,
});
/** Aurora's data is not on the instance. */
const aurora = (): Json => {
  const { fileSys: _fileSys, swap: _swap, ...rest } = sample({ engine: 'Aurora', instanceID: 'application-autoscaling-0f3c' });
  return rest;
};

/** The only file of an archive, found as an unpacker finds it: from the end, through the directory. */
function unzip(bytes: Buffer): { readonly name: string; readonly text: string } {
  const end = bytes.length - 22;
  expect([bytes.readUInt32LE(end), bytes.readUInt16LE(end + 10)]).toEqual([0x06054b50, 1]);
  const directory = bytes.readUInt32LE(end + 16);
  expect([bytes.readUInt32LE(directory), bytes.readUInt32LE(end + 12)]).toEqual([0x02014b50, end - directory]);
  const [method, crc, size, length, local] = [bytes.readUInt16LE(directory + 10), bytes.readUInt32LE(directory + 16), bytes.readUInt32LE(directory + 24), bytes.readUInt16LE(directory + 28), bytes.readUInt32LE(directory + 42)];
  const start = local + 30 + bytes.readUInt16LE(local + 26);
  const data = bytes.subarray(start, start + size);
  expect([method, bytes.readUInt32LE(local), crc32(data), bytes.readUInt32LE(directory + 38) >>> 16]).toEqual([0, 0x04034b50, crc, 0o100644]);
  return { name: bytes.toString('utf8', directory + 46, directory + 46 + length), text: data.toString('utf8') };
}

/** As Lambda's runtime has it with logs in text: what is printed by the console is no JSON any more. Source: AWS Lambda Developer Guide, Log and monitor Node.js Lambda functions. */
const LAMBDA_CONSOLE = 'const { log } = console; console.log = (line) => log(`2026-11-21T10:00:00.000Z\\t8f5a2b6e-0000-4000-8000-000000000000\\tINFO\\t${line}`);';

/** Runs the very archive that Lambda would get, in a process of its own, with an event as CloudWatch Logs sends it. */
function run(messages: readonly unknown[], messageType = 'DATA_MESSAGE'): { readonly out: string; readonly documents: Json[] } {
  const folder = freshFolder('function');
  const { name, text } = unzip(zipOf('index.js', OS_METRICS_HANDLER));
  writeFileSync(join(folder, name), text);
  const data = gzipSync(JSON.stringify({ messageType, owner: '123456789012', logGroup: 'RDSOSMetrics', logStream: 'db-3AA6AU62HV6KOH2W6IU7IN6I4Q', subscriptionFilters: ['f'], logEvents: messages.map((message, id) => ({ id: String(id), timestamp: Date.now(), message: typeof message === 'string' ? message : JSON.stringify(message) })) })).toString('base64');
  const { stdout, stderr, status } = spawnSync(process.execPath, ['-e', `${LAMBDA_CONSOLE} require("./index.js").handler(JSON.parse(require("fs").readFileSync(0, "utf8")))`], { cwd: folder, input: JSON.stringify({ awslogs: { data } }), encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return { out: stdout, documents: stdout.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line)) };
}

/** What CloudWatch makes of a document of the embedded metric format, and what it refuses. */
function metricsOf(document: Json): Record<string, unknown> {
  expect(Object.keys(document._aws).sort()).toEqual(['CloudWatchMetrics', 'Timestamp']);
  expect(Number.isInteger(document._aws.Timestamp)).toBe(true);
  return Object.fromEntries(document._aws.CloudWatchMetrics.flatMap(({ Namespace, Dimensions, Metrics, ...others }: Json) => {
    expect(others).toEqual({});
    expect(Metrics.length).toBeLessThanOrEqual(100);
    return Dimensions.flatMap((set: string[]) => Metrics.map(({ Name, Unit, StorageResolution }: Json) => {
      const value = document[Name];
      expect(typeof value, Name).toBe('number');
      for (const key of set) expect(typeof document[key], key).toBe('string');
      return [[Namespace, Name, ...set.map((key) => document[key])].join('/'), `${value} ${Unit} ${StorageResolution}`];
    }));
  }));
}

describe('the function that forwards samples', () => {
  const { out, documents } = run([sample(), aurora()]);
  const [first, second] = documents.map((document) => metricsOf(document));

  it('makes metrics of a resolution of one second of a sample of RDS, in units of their names', () => {
    const { 'Tenantry/OS/DeliverySeconds': delivery, ...ofInstance } = first as Record<string, string>;
    expect(ofInstance).toEqual({
      'Tenantry/OS/Heartbeat/shop-staging-data-cluster-a': '1 Count 1',
      'Tenantry/OS/CPUTotal/shop-staging-data-cluster-a': '21.01 Percent 1',
      'Tenantry/OS/CPUWait/shop-staging-data-cluster-a': '4.35 Percent 1',
      'Tenantry/OS/MemoryAvailable/shop-staging-data-cluster-a': `${5_001_000 * 1024} Bytes 1`,
      'Tenantry/OS/SwapUsed/shop-staging-data-cluster-a': `${996 * 1024} Bytes 1`,
      'Tenantry/OS/LoadPerVCPU/shop-staging-data-cluster-a': '1.5 None 1',
      'Tenantry/OS/FileSystemUsed/shop-staging-data-cluster-a': '61.5 Percent 1',
    });
    expect(Number.parseFloat(delivery ?? '')).toBeGreaterThanOrEqual(4);
    expect(Number.parseFloat(delivery ?? '')).toBeLessThan(60);
    expect(delivery).toMatch(/ Seconds 60$/);
  });

  it('makes of a sample of Aurora what it holds', () => {
    expect(Object.keys(second ?? {})).toEqual(['Heartbeat', 'CPUTotal', 'CPUWait', 'MemoryAvailable', 'LoadPerVCPU'].map((name) => `Tenantry/OS/${name}/application-autoscaling-0f3c`).concat('Tenantry/OS/DeliverySeconds'));
  });

  it('gives the metrics the time of the sample', () => {
    expect(Math.abs(documents[0]._aws.Timestamp - (Date.now() - 4000))).toBeLessThan(60_000);
  });

  it('prints numbers and the instance, and nothing of the processes', () => {
    expect(out).not.toMatch(/secret_user|10\.0\.0\.1|db-3AA6/);
  });

  it('loses nothing but a sample that it cannot read, and counts it', () => {
    const { documents: rest } = run(['not json', 'null', sample({ instanceID: 7 }), sample({ timestamp: 'yesterday' }), sample({ instanceID: 'a b\n' }), sample({ fileSys: null, cpuUtilization: { total: 'x' } }), sample()]);
    expect(rest.map((document) => Object.keys(metricsOf(document)).length)).toEqual([5, 8, 1]);
    expect(metricsOf(rest[2])).toEqual({ 'Tenantry/OS/UnreadableSamples': '5 Count 60' });
  });

  it('says nothing of the message with which CloudWatch Logs tries the function', () => {
    expect(run(['{}'], 'CONTROL_MESSAGE').documents).toEqual([]);
  });

  it('is packed into the same bytes in every run', () => {
    expect(zipOf('index.js', OS_METRICS_HANDLER).equals(zipOf('index.js', OS_METRICS_HANDLER))).toBe(true);
    const [one, two] = [make(), make()].map(({ stack }) => synthesizeStack(stack));
    expect(one?.text).toBe(two?.text);
  });
});

describe('OsMetrics', () => {
  const { stack, made } = make();
  const json = synthesizeStack(stack);
  const lambda = json.resource(LambdaFunction);
  const groups = json.resources(CloudwatchLogGroup);

  it('owns the log group of RDS, encrypted and kept as long as RDS keeps it', () => {
    expect(made.logGroupName).toBe('RDSOSMetrics');
    expect(groups.map(({ arguments: { name, kms_key_id, retention_in_days } }) => [name, kms_key_id, retention_in_days])).toEqual([
      ['/aws/lambda/shop-staging-foundation-os-metrics', KEY, 30], ['RDSOSMetrics', KEY, 30],
    ]);
    expect(json.json.import).toBeUndefined();
  });

  it('masks nothing in the samples: the numbers would be masked too', () => {
    expect(json.resources(CloudwatchLogDataProtectionPolicy)).toEqual([]);
  });

  it('imports a log group that RDS has made', () => {
    const other = synthesizeStack(make({ existingLogGroup: true }).stack);
    const samples = other.resources(CloudwatchLogGroup).find(({ arguments: { name } }) => name === 'RDSOSMetrics');
    expect(other.json.import).toEqual([{ id: 'RDSOSMetrics', to: samples?.address }]);
  });

  it('sends every sample to the function, and to no other than that log group is it open', () => {
    const subscription = json.resource(CloudwatchLogSubscriptionFilter);
    const [address] = json.resources(LambdaFunction).map((one) => one.address);
    const samples = groups.find(({ arguments: { name } }) => name === 'RDSOSMetrics')?.address;
    expect(subscription).toMatchObject({ log_group_name: `\${${samples}.name}`, destination_arn: `\${${address}.arn}`, filter_pattern: '" "', depends_on: [json.resources(LambdaPermission)[0]?.address] });
    expect(json.resource(LambdaPermission)).toMatchObject({ action: 'lambda:InvokeFunction', principal: 'logs.amazonaws.com', source_account: '123456789012', source_arn: `\${${samples}.arn}:*` });
  });

  it('may write its own log, and nothing else', () => {
    const own = groups.find(({ arguments: { name } }) => name !== 'RDSOSMetrics')?.address;
    expect(JSON.parse(json.resource(IamRolePolicy).policy).Statement).toEqual([{ Sid: 'WriteMetrics', Effect: 'Allow', Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Resource: `\${${own}.arn}:*` }]);
    expect(JSON.parse(json.resource(IamRole).assume_role_policy).Statement[0]).toMatchObject({ Principal: { Service: 'lambda.amazonaws.com' }, Condition: { StringEquals: { 'aws:SourceAccount': '123456789012' } } });
    expect(lambda.logging_config).toEqual({ log_format: 'Text', log_group: `\${${own}.name}` });
    expect(lambda).not.toHaveProperty('environment');
  });

  it('takes no more of the account than it needs, and drops what is too old to say anything', () => {
    expect(lambda).toMatchObject({ reserved_concurrent_executions: 5, memory_size: 128, timeout: 10, runtime: 'nodejs24.x', handler: 'index.handler' });
    expect(json.resource(LambdaFunctionEventInvokeConfig)).toMatchObject({ maximum_event_age_in_seconds: 60, maximum_retry_attempts: 1 });
    expect(synthesizeStack(make({ concurrency: 'unreserved' }).stack).resource(LambdaFunction)).not.toHaveProperty('reserved_concurrent_executions');
  });

  it('warns when its own forwarding fails, waits, cannot read, or is slower than the objectives count on', () => {
    const alarms = json.resources(CloudwatchMetricAlarm).map(({ arguments: args }) => args);
    expect(alarms.map(({ metric_name, threshold, alarm_actions, treat_missing_data }) => [metric_name, threshold, alarm_actions, treat_missing_data])).toEqual([
      [OS_METRICS.delivery, 10, ['arn:aws:sns:eu-central-1:123456789012:warning'], 'notBreaching'],
      ['Errors', 0, ['arn:aws:sns:eu-central-1:123456789012:warning'], 'notBreaching'],
      ['Throttles', 0, ['arn:aws:sns:eu-central-1:123456789012:warning'], 'notBreaching'],
      [OS_METRICS.unreadable, 0, ['arn:aws:sns:eu-central-1:123456789012:warning'], 'notBreaching'],
    ]);
    for (const { metric_name, dimensions } of alarms) expect(dimensions, metric_name).toEqual(['Errors', 'Throttles'].includes(metric_name) ? { FunctionName: `\${${json.resources(LambdaFunction)[0]?.address}.function_name}` } : undefined);
  });

  it('is named where another stack makes it', () => {
    expect(OsMetrics.fromOsMetricsAttributes(testStack(), 'OsMetrics').logGroupName).toBe('RDSOSMetrics');
  });

  it.each([0, -1, 1.5, 101])('refuses to run %d at a time', (concurrency) => {
    expectRefusal(() => make({ concurrency }), 'alerting/concurrency', `alerting/concurrency  at staging-foundation/OsMetrics

  concurrency is ${concurrency}; 1 to 100 executions can be reserved. With none, no sample is forwarded.

  Leave it out for 5, or give concurrency: 'unreserved'.`);
  });
});

import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CloudWatchLogsClient, CreateLogStreamCommand, PutLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { afterFile } from '../../support/after-file';
import type { Json } from '../../support/synth';
import { type Ended, type Started, startEntryPoint, startShell } from './entry-point';
import { REGION } from './manifest-in-aws';

interface Running {
  readonly started: Started;
  ended?: Ended;
  stopped?: true;
}

/** What an image does when it cannot be pulled. */
export const BROKEN = 'broken';


/**
 * The emulator of AWS knows tasks and builds, but runs nothing. This stands in front of it and runs them: each as a process that gets what the
 * task definition or the project says, and whose output goes to the emulator's logs.
 *
 * @param endpoint - of the emulator
 * @param containers - container definitions by family
 * @param projects - arguments of CodeBuild projects by name
 */
export async function startCompute(endpoint: string, containers: Readonly<Record<string, Json>>, projects: Readonly<Record<string, Json>>): Promise<{ readonly endpoint: string; readonly calls: [action: string, request: Json][]; latest(): Started }> {
  const running = new Map<string, Running>();
  const calls: [string, Json][] = [];
  const logs = new CloudWatchLogsClient({ region: REGION, endpoint });
  // What the role of the task gives its program.
  const credentials = { AWS_ENDPOINT_URL: endpoint, AWS_ACCESS_KEY_ID: 'task', AWS_SECRET_ACCESS_KEY: 'task', AWS_MAX_ATTEMPTS: '2', PATH: process.env.PATH };
  const keep = (id: string, begin: (onText: (text: string) => void) => Started, log: { group: string; stream: string }): void => {
    const lines = follow(logs, log);
    const entry: Running = { started: begin(lines.add) };
    running.set(id, entry);
    void entry.started.ended.then(async (ended) => {
      await lines.flush();
      entry.ended = ended;
    });
  };
  const actions: Record<string, (request: Json, answer: Json) => void> = {
    RunTask: ({ overrides: { containerOverrides: [{ command }] } }, { tasks: [{ taskArn, taskDefinitionArn }] }) => {
      const container = containers[/\/([^/:]+):\d+$/.exec(taskDefinitionArn)?.[1] ?? ''];
      if (container.image === BROKEN) return;
      const { options } = container.logConfiguration;
      const id = taskArn.slice(taskArn.lastIndexOf('/') + 1);
      keep(taskArn, (onText) => startEntryPoint(command, { ...credentials, ...variablesIn(container.environment) }, onText), { group: options['awslogs-group'], stream: `${options['awslogs-stream-prefix']}/${container.name}/${id}` });
    },
    DescribeTasks: (_, { tasks }) => {
      for (const task of tasks) {
        const entry = running.get(task.taskArn);
        const ended = entry === undefined || entry.ended !== undefined;
        task.lastStatus = ended ? 'STOPPED' : 'RUNNING';
        if (entry === undefined) task.stoppedReason = 'CannotPullContainerError: i/o timeout';
        task.containers = [{ name: 'tenantry', ...(entry?.ended === undefined ? {} : { exitCode: entry.ended.code }) }];
      }
    },
    StopTask: ({ task }) => stop(running.get(task)),
    StartBuild: ({ projectName, environmentVariablesOverride }, { build }) => {
      const { environment, source, logs_config: { cloudwatch_logs: log } } = projects[projectName];
      const variables = { ...variablesIn(environment.environment_variable), ...variablesIn(environmentVariablesOverride) };
      timed(build);
      const [command] = JSON.parse(source.buildspec).phases.build.commands;
      keep(build.id, (onText) => startShell(command, { ...credentials, ...variables }, onText), { group: log.group_name, stream: `${log.stream_name}/${build.id.split(':')[1]}` });
    },
    BatchGetBuilds: (_, answer) => {
      for (const build of answer.builds) {
        const { ended, stopped } = running.get(build.id) ?? {};
        const { stream_name: stream, group_name: group } = projects[build.projectName].logs_config.cloudwatch_logs;
        Object.assign(timed(build), {
          currentPhase: ended === undefined ? 'BUILD' : 'COMPLETED', buildComplete: ended !== undefined, logs: { groupName: group, streamName: `${stream}/${build.id.split(':')[1]}` },
          buildStatus: ended === undefined ? 'IN_PROGRESS' : stopped ? 'STOPPED' : ended.code === 0 ? 'SUCCEEDED' : 'FAILED',
          phases: [{ phaseType: 'BUILD', contexts: ended === undefined || ended.code === 0 || stopped ? [] : [{ statusCode: 'COMMAND_EXECUTION_ERROR', message: `Error while executing command: tenantry $TENANTRY_ARGUMENTS. Reason: exit status ${ended.code}` }] }],
        });
      }
    },
    StopBuild: ({ id }, { build }) => {
      timed(build);
      stop(running.get(id));
    },
  };
  const server = createServer((request, response) => void (async () => {
    const body = await textOf(request);
    const action = String(request.headers['x-amz-target'] ?? '').split('.')[1] ?? '';
    const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => !['host', 'content-length', 'connection', 'transfer-encoding'].includes(name))) as Record<string, string>;
    const answer = await fetch(`${endpoint}${request.url}`, { method: request.method, headers, ...(body === '' ? {} : { body }) });
    let text = await answer.text();
    const act = actions[action];
    if (act !== undefined && answer.ok) {
      const [asked, parsed] = [JSON.parse(body), JSON.parse(text === '' ? '{}' : text)];
      calls.push([action, asked]);
      act(asked, parsed);
      text = JSON.stringify(parsed);
    }
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'application/x-amz-json-1.1' }).end(text);
  })().catch((error: Error) => response.writeHead(500).end(error.stack)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterFile(() => {
    for (const { started } of running.values()) started.child.kill('SIGKILL');
    server.closeAllConnections();
    server.close();
  });
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, calls, latest: () => [...running.values()].at(-1)?.started as Started };
}

/** Ids of what the emulator's network holds from the start: no client of the SDK is needed for that alone. */
export async function networkIn(endpoint: string): Promise<{ readonly subnets: string[]; readonly securityGroup: string }> {
  const ask = async (action: string, element: string): Promise<string[]> => {
    const answer = await fetch(endpoint, {
      method: 'POST', body: `Action=${action}&Version=2016-11-15`,
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'authorization': `AWS4-HMAC-SHA256 Credential=testing/20260101/${REGION}/ec2/aws4_request, SignedHeaders=host, Signature=0` },
    });
    return [...(await answer.text()).matchAll(new RegExp(`<${element}>([^<]+)<`, 'g'))].map(([, id]) => id as string);
  };
  const [securityGroup] = await ask('DescribeSecurityGroups', 'groupId');
  return { subnets: await ask('DescribeSubnets', 'subnetId'), securityGroup: securityGroup as string };
}

/** The emulator writes times of builds in a way that the SDK cannot read. */
const timed = (build: Json): Json => Object.assign(build, { startTime: 0, endTime: 0, phases: [] });

const variablesIn = (list: readonly { readonly name: string; readonly value: string }[]): Record<string, string> => Object.fromEntries(list.map(({ name, value }) => [name, value]));

function stop(entry: Running | undefined): void {
  if (entry === undefined) return;
  entry.stopped = true;
  entry.started.child.kill('SIGTERM');
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of request) text += part;
  return text;
}

/** Writes whole lines to a stream, in order, as the log driver does. */
function follow(logs: CloudWatchLogsClient, { group: logGroupName, stream: logStreamName }: { group: string; stream: string }): { add(text: string): void; flush(): Promise<void> } {
  let rest = '';
  let done: Promise<unknown> = logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
  const put = (lines: readonly string[]): void => {
    const logEvents = lines.filter((line) => line !== '').map((message) => ({ timestamp: Date.now(), message }));
    if (logEvents.length > 0) done = done.then(() => logs.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents })));
  };
  return {
    add: (text) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      put(lines);
    },
    flush: async () => {
      put([rest]);
      await done;
    },
  };
}

import { optional } from '../core/optional';
import { BOUNDED } from '../manifest/place';
import type { TaskLog } from './task';

type Sdk = typeof import('@aws-sdk/client-cloudwatch-logs');

export interface LogReader {
  /** Hands on the lines that are new since the last time, and tells how many there were. */
  read(log: TaskLog, write: (line: string) => void): Promise<number>;
}

/** Follows a stream of CloudWatch Logs from its beginning. Needs the package `@aws-sdk/client-cloudwatch-logs`. */
export async function logReader(region: string): Promise<LogReader> {
  const sdk = await optional<Sdk>('@aws-sdk/client-cloudwatch-logs');
  const client = new sdk.CloudWatchLogsClient({ ...BOUNDED, region });
  let next: string | undefined;
  return {
    async read({ group, stream }, write) {
      let lines = 0;
      for (;;) {
        const { events = [], nextForwardToken } = await client.send(new sdk.GetLogEventsCommand({
          logGroupName: group, logStreamName: stream, startFromHead: true, ...(next === undefined ? {} : { nextToken: next }),
        })).catch(noStreamYet);
        for (const { message = '' } of events) write(message.replace(/\n$/, ''));
        lines += events.length;
        // The same token again: there is no more for now. A page may be empty although more follows.
        if (nextForwardToken === undefined || nextForwardToken === next) return lines;
        next = nextForwardToken;
      }
    },
  };
}

/** The stream comes with the first line. */
function noStreamYet(error: Error): { events?: undefined; nextForwardToken?: undefined } {
  if (error.name === 'ResourceNotFoundException') return {};
  throw error;
}

import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import type { Construct } from 'constructs';
import type { IEncryptionKey } from '../encryption/encryption-key-ref';
import { EnvironmentStack } from '../environment/environment-stack';
import { protectLog } from './log-protection';

export interface LogGroupOptions {
  /** One of the numbers of days that CloudWatch Logs knows. @default - as long as the environment keeps logs */
  readonly retentionInDays?: number;
}

/** A log group that is encrypted with a customer-managed key and kept as long as the environment says. */
export function logGroup(scope: Construct, id: string, name: string, key: IEncryptionKey, options: LogGroupOptions = {}): CloudwatchLogGroup {
  const { environment } = EnvironmentStack.of(scope);
  return new CloudwatchLogGroup(scope, id, { name, kmsKeyId: key.encryptionKeyArn, retentionInDays: options.retentionInDays ?? environment.profile.logRetentionDays });
}

export interface DatabaseLogGroupOptions extends LogGroupOptions {
  /** Personal data that is masked beside the standard, as CloudWatch Logs names it: `PhoneNumber-DE`. @default - the standard alone */
  readonly mask?: readonly string[];
}

/**
 * A log group for what a database writes. Statements and errors carry values of rows, so personal data in them is masked, in every environment. It has to be
 * there before the database: what came in earlier is not masked, and RDS makes a missing group itself, without a key and for ever.
 */
export function databaseLogGroup(scope: Construct, id: string, name: string, key: IEncryptionKey, { mask, ...options }: DatabaseLogGroupOptions = {}): CloudwatchLogGroup {
  const group = logGroup(scope, id, name, key, options);
  protectLog(group, mask);
  return group;
}

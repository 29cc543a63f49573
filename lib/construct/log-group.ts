import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import type { Construct } from 'constructs';
import type { IEncryptionKey } from '../encryption/encryption-key-ref';
import { EnvironmentStack } from '../environment/environment-stack';

/** A log group that is encrypted with a customer-managed key and kept as long as the environment says. */
export function logGroup(scope: Construct, id: string, name: string, key: IEncryptionKey): CloudwatchLogGroup {
  const { environment } = EnvironmentStack.of(scope);
  return new CloudwatchLogGroup(scope, id, { name, kmsKeyId: key.encryptionKeyArn, retentionInDays: environment.profile.logRetentionDays });
}

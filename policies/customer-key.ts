import { finding, type Judgement, pass, unknown } from './rule';
import type { StackResource, SynthesizedStack } from './stack';

const KEYS = ['aws_kms_key', 'aws_kms_replica_key', 'aws_kms_external_key'];

/** Whether an argument names a key that the customer manages. */
export function judgeKey(stack: SynthesizedStack, resource: StackResource, argument: string, value = resource.arguments[argument]): Judgement {
  const key = stack.known<string>(value);
  const fix = `Give ${argument} the ARN of a customer-managed key: new EncryptionKey(…).encryptionKeyArn`;
  if (key.is === 'absent') return finding(resource, 'no-key', `${argument} is not given, so that a key of AWS is used, or none.`, fix);
  if (key.is === 'known') {
    return /^(alias\/|arn:[^:]+:kms:[^:]+:\d*:alias\/)aws\//.test(key.value)
      ? finding(resource, 'aws-key', `${argument} is ${key.value}, a key that AWS manages.`, fix)
      : pass(resource);
  }
  const named = stack.referenced(key.expression);
  if (named === undefined) return unknown(resource, `${argument} is ${key.expression}, and it cannot be told which key that is.`);
  return KEYS.includes(named.type) ? pass(resource) : unknown(resource, `${argument} comes from ${named.address}, which is not a key.`);
}

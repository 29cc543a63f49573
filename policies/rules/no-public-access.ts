import { each, finding, type Judgement, pass, type Rule, unknown } from '../rule';
import type { StackResource, SynthesizedStack } from '../stack';

export const noPublicAccess: Rule = {
  id: 'no-public-access',
  requires: 'No database has a public address, no subnet hands one out, and buckets block public access.',
  why: 'What has no public address cannot be opened to the internet by one wrong rule.',
  check: (stack) => [
    ...each(stack, ['aws_rds_cluster_instance', 'aws_db_instance'], (resource) => judgeFlag(stack, resource, 'publicly_accessible', 'The database has a public address.')),
    ...each(stack, ['aws_subnet'], (resource) => judgeFlag(stack, resource, 'map_public_ip_on_launch', 'The subnet hands out public addresses.')),
    ...each(stack, ['aws_s3_bucket'], (resource) => judgeBucket(stack, resource)),
  ],
};

const BLOCKS = ['block_public_acls', 'block_public_policy', 'ignore_public_acls', 'restrict_public_buckets'];

function judgeFlag(stack: SynthesizedStack, resource: StackResource, argument: string, problem: string): Judgement {
  const flag = stack.known<boolean>(resource.arguments[argument]);
  if (flag.is === 'unknown') return unknown(resource, `${argument} is ${flag.expression}.`);
  // For a database the service decides when nothing is given; for a subnet the provider's default is false.
  if (flag.is === 'absent' && argument === 'publicly_accessible') return unknown(resource, `${argument} is not given, so that RDS decides by the subnets.`);
  return flag.is === 'known' && flag.value ? finding(resource, 'public', problem, `Set ${argument} to false.`) : pass(resource);
}

function judgeBucket(stack: SynthesizedStack, bucket: StackResource): Judgement {
  const block = stack.resources('aws_s3_bucket_public_access_block').find(({ arguments: { bucket: name } }) => stack.refersTo(name, bucket));
  const open = BLOCKS.filter((argument) => block?.arguments[argument] !== true);
  return open.length === 0 ? pass(bucket) : finding(bucket, 'public', `The bucket does not set ${open.join(', ')}.`, 'Add aws_s3_bucket_public_access_block with all four set to true.');
}

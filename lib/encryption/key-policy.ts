import { type PolicyStatement, policyDocument } from '../construct/policy-document';
import type { Environment } from '../environment/environment';

/** Services that may use a key on behalf of somebody in the account who may use the service. */
const VIA = { rds: 'rds', secretsmanager: 'secretsmanager', s3: 's3', backup: 'backup', ssm: 'ssm', sqs: 'sqs', sns: 'sns' } as const;
/** Services that use a key in their own name, for resources of the account. */
const OWN_NAME = { logs: 'logs', states: 'states' } as const;

export type KeyService = keyof typeof VIA | keyof typeof OWN_NAME;
export const KEY_SERVICES: readonly KeyService[] = [...Object.keys(VIA), ...Object.keys(OWN_NAME)] as KeyService[];
/** What this library stores data with. */
export const STANDARD_KEY_SERVICES: readonly KeyService[] = ['rds', 'secretsmanager', 's3', 'sqs', 'sns', 'logs', 'states'];

/** Everything but using the key: the account keeps control of it, and IAM policies decide who in the account administers it. */
const ADMINISTER = [
  'kms:CancelKeyDeletion', 'kms:CreateAlias', 'kms:DeleteAlias', 'kms:DescribeKey', 'kms:DisableKey', 'kms:EnableKey', 'kms:EnableKeyRotation',
  'kms:GetKeyPolicy', 'kms:GetKeyRotationStatus', 'kms:ListGrants', 'kms:ListKeyPolicies', 'kms:ListKeyRotations', 'kms:ListResourceTags', 'kms:PutKeyPolicy',
  'kms:ReplicateKey', 'kms:RevokeGrant', 'kms:ScheduleKeyDeletion', 'kms:TagResource', 'kms:UntagResource', 'kms:UpdateAlias', 'kms:UpdateKeyDescription',
  'kms:UpdatePrimaryRegion', 'kms:DisableKeyRotation', 'kms:RotateKeyOnDemand',
];
const USE = ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'];

/** Names who may do what with a key: the account administers it, and only the named services use it. */
export function keyPolicy(environment: Environment, region: string, services: readonly KeyService[]): string {
  const { account, partition } = environment;
  const via = services.filter((service): service is keyof typeof VIA => service in VIA).map((service) => `${VIA[service]}.${region}.amazonaws.com`);
  const statements: PolicyStatement[] = [{
    Sid: 'AdministeredByTheAccount', Effect: 'Allow', Principal: { AWS: `arn:${partition}:iam::${account}:root` }, Action: ADMINISTER, Resource: '*',
  }];
  if (via.length > 0) {
    const condition = { 'kms:CallerAccount': account, 'kms:ViaService': via };
    statements.push(
      { Sid: 'UsedThroughServices', Effect: 'Allow', Principal: { AWS: '*' }, Action: USE, Resource: '*', Condition: { StringEquals: condition } },
      { Sid: 'GrantedToServices', Effect: 'Allow', Principal: { AWS: '*' }, Action: ['kms:CreateGrant'], Resource: '*', Condition: { StringEquals: condition, Bool: { 'kms:GrantIsForAWSResource': 'true' } } },
    );
  }
  if (services.includes('logs')) {
    statements.push({
      Sid: 'UsedByLogGroups', Effect: 'Allow', Principal: { Service: `logs.${region}.amazonaws.com` }, Action: USE, Resource: '*',
      Condition: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': environment.arn('logs', 'log-group:*', region) } },
    });
  }
  if (services.includes('sns')) statements.push(...publisherStatements(environment, region));
  if (services.includes('states')) statements.push(...stateMachineStatements(environment, region));
  return policyDocument(...statements);
}

const PUBLISH = ['kms:Decrypt', 'kms:GenerateDataKey*'];

/**
 * Services that publish to encrypted topics, and those that put what they cannot deliver into encrypted queues: Amazon SNS Developer Guide, "Enable compatibility
 * between event sources from AWS services and encrypted topics". The account of the source "is not supported for EventBridge-to-encrypted topics" there: what is
 * encrypted for, a topic or queue of the account, is the limit instead.
 */
const publisherStatements = (environment: Environment, region: string): PolicyStatement[] => {
  const encryptingFor = (context: string, service: string) => ({ ArnLike: { [`kms:EncryptionContext:${context}`]: environment.arn(service, '*', region) } });
  return [
    {
      Sid: 'UsedByPublishers', Effect: 'Allow', Principal: { Service: ['cloudwatch.amazonaws.com', 'events.rds.amazonaws.com'] }, Action: PUBLISH, Resource: '*',
      Condition: { StringEquals: { 'aws:SourceAccount': environment.account } },
    },
    { Sid: 'UsedByRules', Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: PUBLISH, Resource: '*', Condition: encryptingFor('aws:sns:topicArn', 'sns') },
    { Sid: 'UsedForUndelivered', Effect: 'Allow', Principal: { Service: ['events.amazonaws.com', 'sns.amazonaws.com'] }, Action: PUBLISH, Resource: '*', Condition: encryptingFor('aws:sqs:arn', 'sqs') },
  ];
};

/** Executions and their logs: AWS Step Functions Developer Guide, "Data at rest encryption". The role of the state machine uses the key, and the log service reads what it delivers. */
const stateMachineStatements = (environment: Environment, region: string): PolicyStatement[] => [
  {
    Sid: 'UsedByStateMachines', Effect: 'Allow', Principal: { AWS: '*' }, Action: PUBLISH, Resource: '*',
    Condition: { StringEquals: { 'kms:CallerAccount': environment.account }, ArnLike: { 'kms:EncryptionContext:aws:states:stateMachineArn': environment.arn('states', 'stateMachine:*', region) } },
  },
  {
    Sid: 'DeliveredToLogs', Effect: 'Allow', Principal: { Service: 'delivery.logs.amazonaws.com' }, Action: 'kms:Decrypt*', Resource: '*',
    Condition: { StringEquals: { 'kms:EncryptionContext:SourceArn': environment.arn('logs', '*', region) } },
  },
];

import { createHash } from 'node:crypto';
import type { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import { CloudwatchLogSubscriptionFilter } from '@cdktf/provider-aws/lib/cloudwatch-log-subscription-filter';
import { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy';
import { LambdaFunction } from '@cdktf/provider-aws/lib/lambda-function';
import { LambdaFunctionEventInvokeConfig } from '@cdktf/provider-aws/lib/lambda-function-event-invoke-config';
import { LambdaPermission } from '@cdktf/provider-aws/lib/lambda-permission';
import { AssetType, TerraformAsset } from 'cdktf';
import { Construct } from 'constructs';
import { claimName } from '../construct/claimed-name';
import { logGroup } from '../construct/log-group';
import { policyDocument, trustService } from '../construct/policy-document';
import { TenantryError } from '../core/errors';
import { EncryptionKey } from '../encryption/encryption-key';
import type { IEncryptionKey } from '../encryption/encryption-key-ref';
import { EnvironmentStack } from '../environment/environment-stack';
import { physicalName } from '../environment/physical-name';
import type { IAlertChannel } from './alert-channel-ref';
import { temporaryFile } from './asset-file';
import { forwarderAlarms } from './os-metrics-alarms';
import { OS_METRICS_HANDLER } from './os-metrics-handler';
import type { IOsMetrics, OsMetricsAttributes } from './os-metrics-ref';
import { zipOf } from './zip';

export interface OsMetricsProps {
  /** Told when the forwarding itself fails: as a warning, because the missing samples raise the critical alarms of the databases. */
  readonly alerts: IAlertChannel;
  /**
   * Whether the account has the log group RDSOSMetrics already. RDS makes it with the first database that has enhanced monitoring; it is then imported
   * by the next apply, which gives it the key and the retention.
   *
   * @default false - it is made
   */
  readonly existingLogGroup?: boolean;
  /**
   * Executions of the function that may run side by side, 1 to 100, or `unreserved`: for accounts whose quota is too small to reserve any (AWS keeps 100 for
   * the others, and new accounts have 10). One execution takes milliseconds; what is above it waits.
   *
   * @default 5
   */
  readonly concurrency?: number | 'unreserved';
  /**
   * Encrypts samples and metrics' log.
   *
   * @default - the key of the stack, made once
   */
  readonly encryptionKey?: IEncryptionKey;
}

/** Its name is RDS's. */
const LOG_GROUP = 'RDSOSMetrics';
/** As RDS itself keeps them. Metrics stay 15 months: what is older than two weeks is read there. */
const RETENTION_DAYS = 30;
/** Supported until April 2028, and known to the provider since 6.19. Source: AWS Lambda Developer Guide, Lambda runtimes. */
const RUNTIME = 'nodejs24.x';
const MEMORY_MEBIBYTES = 128;
const TIMEOUT_SECONDS = 10;
/** The least that Lambda takes. A sample that is older says nothing about now, and still lies in the log group. */
const OLDEST_EVENT_SECONDS = 60;
const MOST_CONCURRENCY = 100;

/**
 * Makes metrics of a resolution of one second out of the samples of enhanced monitoring, for every database of the account in this region: what an alarm needs that
 * has to tell within a minute, because the metrics that RDS publishes itself have a resolution of 60 seconds.
 *
 * Once per account and region: all databases share the log group, and a log group takes two subscription filters at most.
 */
export class OsMetrics extends Construct implements IOsMetrics {
  /** Those that another stack, or another environment of the same account, makes. */
  static fromOsMetricsAttributes(scope: Construct, id: string, attributes: OsMetricsAttributes = {}): IOsMetrics {
    return new ImportedOsMetrics(scope, id, attributes);
  }

  readonly logGroupName: string;
  /** The log group of the samples. */
  readonly resource: CloudwatchLogGroup;
  readonly function: LambdaFunction;

  constructor(scope: Construct, id: string, props: OsMetricsProps) {
    super(scope, id);
    const { environment } = EnvironmentStack.of(this);
    validate(this, props);
    claimName(this, { kind: 'log group', name: LOG_GROUP, code: 'alerting/os-metrics-twice', fix: 'Make one for each account and region, and give it to every cluster there:   osMetrics' });
    const key = props.encryptionKey ?? EncryptionKey.forStack(this);

    // No data-protection policy: it would read the samples' numbers as those of cards, and mask them before they become metrics.
    this.resource = logGroup(this, 'Samples', LOG_GROUP, key, { retentionInDays: RETENTION_DAYS });
    if (props.existingLogGroup === true) this.resource.importFrom(LOG_GROUP);
    this.logGroupName = LOG_GROUP;

    this.function = this.#makeFunction(key, props.concurrency ?? 5);
    new LambdaFunctionEventInvokeConfig(this, 'Invocation', { functionName: this.function.functionName, maximumEventAgeInSeconds: OLDEST_EVENT_SECONDS, maximumRetryAttempts: 1 });
    const permission = new LambdaPermission(this, 'Permission', {
      statementId: 'log-group', action: 'lambda:InvokeFunction', functionName: this.function.functionName, principal: 'logs.amazonaws.com',
      sourceArn: `${this.resource.arn}:*`, sourceAccount: environment.account,
    });
    new CloudwatchLogSubscriptionFilter(this, 'Subscription', {
      name: physicalName(this, { max: 512 }), logGroupName: this.resource.name, destinationArn: this.function.arn, filterPattern: EVERYTHING, distribution: 'ByLogStream', dependsOn: [permission],
    });
    forwarderAlarms(this, this.function, props.alerts);
  }

  #makeFunction(key: IEncryptionKey, concurrency: number | 'unreserved'): LambdaFunction {
    const { environment } = EnvironmentStack.of(this);
    const name = physicalName(this, { max: 64 });
    const log = logGroup(this, 'LogGroup', `/aws/lambda/${name}`, key, { retentionInDays: RETENTION_DAYS });
    const role = new IamRole(this, 'Role', { name: physicalName(this, { max: 64, suffix: 'forwarder' }), assumeRolePolicy: trustService('lambda.amazonaws.com', environment.account) });
    const policy = new IamRolePolicy(this, 'RolePolicy', {
      name: 'write-metrics', role: role.name,
      policy: policyDocument({ Sid: 'WriteMetrics', Effect: 'Allow', Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Resource: `${log.arn}:*` }),
    });
    const archive = zipOf('index.js', OS_METRICS_HANDLER);
    const asset = new TerraformAsset(this, 'Code', { path: temporaryFile('os-metrics.zip', archive), type: AssetType.FILE });
    return new LambdaFunction(this, 'Function', {
      functionName: name,
      description: 'Makes metrics out of the samples of RDS enhanced monitoring',
      role: role.arn,
      runtime: RUNTIME,
      architectures: ['arm64'],
      handler: 'index.handler',
      filename: asset.path,
      sourceCodeHash: createHash('sha256').update(archive).digest('base64'),
      memorySize: MEMORY_MEBIBYTES,
      timeout: TIMEOUT_SECONDS,
      reservedConcurrentExecutions: concurrency === 'unreserved' ? undefined : concurrency,
      loggingConfig: { logFormat: 'Text', logGroup: log.name },
      dependsOn: [policy],
    });
  }
}

/** One blank in quotation marks: CloudWatch Logs' way to write a pattern that every event matches. */
const EVERYTHING = '" "';

function validate(scope: Construct, { concurrency }: OsMetricsProps): void {
  if (concurrency === undefined || concurrency === 'unreserved' || (Number.isInteger(concurrency) && concurrency >= 1 && concurrency <= MOST_CONCURRENCY)) return;
  throw new TenantryError('input', {
    code: 'alerting/concurrency', at: scope.node.path,
    problem: `concurrency is ${concurrency}; 1 to ${MOST_CONCURRENCY} executions can be reserved. With none, no sample is forwarded.`,
    fix: "Leave it out for 5, or give concurrency: 'unreserved'.",
  });
}

class ImportedOsMetrics extends Construct implements IOsMetrics {
  readonly logGroupName: string;

  constructor(scope: Construct, id: string, { logGroupName }: OsMetricsAttributes) {
    super(scope, id);
    this.logGroupName = logGroupName ?? LOG_GROUP;
  }
}

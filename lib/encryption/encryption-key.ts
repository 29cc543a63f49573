import { KmsAlias } from '@cdktf/provider-aws/lib/kms-alias';
import { KmsKey } from '@cdktf/provider-aws/lib/kms-key';
import { KmsReplicaKey } from '@cdktf/provider-aws/lib/kms-replica-key';
import { Construct } from 'constructs';
import { required } from '../construct/imported';
import { isKnown } from '../construct/known';
import { Complaints, TenantryError } from '../core/errors';
import { listOf } from '../core/text';
import { EnvironmentStack } from '../environment/environment-stack';
import { physicalName } from '../environment/physical-name';
import type { EncryptionKeyAttributes, IEncryptionKey } from './encryption-key-ref';
import { KEY_SERVICES, keyPolicy, type KeyService, STANDARD_KEY_SERVICES } from './key-policy';

export interface EncryptionKeyProps {
  /**
   * What the key is for, shown in the console.
   *
   * @default - platform, environment and path of the construct
   */
  readonly description?: string;
  /**
   * The only services that may use the key.
   *
   * @default - those that this library stores data with and tells of it by: RDS, Secrets Manager, S3, CloudWatch Logs, SNS, SQS and Step Functions
   */
  readonly services?: readonly KeyService[];
  /**
   * Days between two rotations, 90 to 2560.
   *
   * @default 365
   */
  readonly rotationDays?: number;
}

const ROTATION = { min: 90, max: 2560, standard: 365 };
const SHARED_ID = 'EncryptionKey';
const ARN = /^arn:[^:]+:kms:[^:]+:\d{12}:key\/.+$/;

/**
 * A customer-managed KMS key that rotates every year and that only the named services may use.
 * Where the environment has a recovery region, it is a multi-Region key with a replica there.
 */
export class EncryptionKey extends Construct implements IEncryptionKey {
  /** A key that exists. */
  static fromEncryptionKeyAttributes(scope: Construct, id: string, attributes: EncryptionKeyAttributes): IEncryptionKey {
    return new ImportedEncryptionKey(scope, id, attributes);
  }

  /** The key of a stack, made once: what constructs use that are not given one. */
  static forStack(scope: Construct): IEncryptionKey {
    const stack = EnvironmentStack.of(scope);
    return (stack.node.tryFindChild(SHARED_ID) as IEncryptionKey | undefined) ?? new EncryptionKey(stack, SHARED_ID);
  }

  readonly encryptionKeyArn: string;
  readonly resource: KmsKey;
  /** The same key in the recovery region; undefined when the environment has none. */
  readonly replica: KmsReplicaKey | undefined;

  constructor(scope: Construct, id: string, props: EncryptionKeyProps = {}) {
    super(scope, id);
    const stack = EnvironmentStack.of(this);
    const { environment } = stack;
    validate(this, props);
    const services = KEY_SERVICES.filter((service) => (props.services ?? STANDARD_KEY_SERVICES).includes(service));
    const description = props.description ?? `${environment.platform} ${environment.name}: ${this.node.path}`;
    const common = { description, deletionWindowInDays: environment.profile.keyDeletionDays };

    this.resource = new KmsKey(this, 'Resource', {
      ...common,
      enableKeyRotation: true,
      rotationPeriodInDays: props.rotationDays ?? ROTATION.standard,
      multiRegion: environment.recoveryRegion !== undefined,
      policy: keyPolicy(environment, environment.region, services),
      lifecycle: environment.profile.deletionProtection ? { preventDestroy: true } : undefined,
    });
    this.encryptionKeyArn = this.resource.arn;
    const alias = `alias/${physicalName(this, { max: 250 })}`;
    new KmsAlias(this, 'Alias', { name: alias, targetKeyId: this.resource.keyId });

    if (environment.recoveryRegion !== undefined) {
      const provider = stack.recoveryProvider;
      this.replica = new KmsReplicaKey(this, 'Replica', { ...common, provider, primaryKeyArn: this.resource.arn, policy: keyPolicy(environment, environment.recoveryRegion, services) });
      new KmsAlias(this, 'ReplicaAlias', { provider, name: alias, targetKeyId: this.replica.keyId });
    }
  }

  get recoveryKeyArn(): string {
    if (this.replica !== undefined) return this.replica.arn;
    throw new TenantryError('input', {
      code: 'encryption-key/no-recovery-region',
      at: this.node.path,
      problem: `The environment ${EnvironmentStack.of(this).environment.name} has no recovery region, so the key has no replica.`,
      fix: 'Give the environment a recoveryRegion before data is encrypted: a key cannot become multi-Region later.',
    });
  }
}

class ImportedEncryptionKey extends Construct implements IEncryptionKey {
  readonly #attributes: EncryptionKeyAttributes;

  constructor(scope: Construct, id: string, attributes: EncryptionKeyAttributes) {
    super(scope, id);
    this.#attributes = attributes;
    const complaints = new Complaints();
    for (const name of ['encryptionKeyArn', 'recoveryKeyArn'] as const) {
      const arn = attributes[name];
      if (isKnown(arn) && !ARN.test(arn)) {
        complaints.add({
          code: 'encryption-key/arn', at: this.node.path,
          problem: `${name} is ${JSON.stringify(arn)}, which is not the ARN of a key.`,
          fix: 'Give arn:aws:kms:<region>:<account>:key/<id>; databases do not take an alias.',
        });
      }
    }
    complaints.throwIfAny();
  }

  get encryptionKeyArn(): string {
    return required(this, 'EncryptionKey', this.#attributes, 'encryptionKeyArn');
  }

  get recoveryKeyArn(): string {
    return required(this, 'EncryptionKey', this.#attributes, 'recoveryKeyArn');
  }
}

function validate(key: EncryptionKey, { rotationDays, services }: EncryptionKeyProps): void {
  const complaints = new Complaints();
  const at = key.node.path;
  if (isKnown(rotationDays) && (!Number.isInteger(rotationDays) || rotationDays < ROTATION.min || rotationDays > ROTATION.max)) {
    complaints.add({
      code: 'encryption-key/rotation', at,
      problem: `rotationDays is ${rotationDays}; KMS rotates every ${ROTATION.min} to ${ROTATION.max} days.`,
      fix: `Give a whole number in this range, or leave it out for ${ROTATION.standard}.`,
    });
  }
  if (services?.length === 0) {
    complaints.add({ code: 'encryption-key/no-service', at, problem: 'services is empty, so that nobody could use the key.', fix: `Name at least one of ${listOf(KEY_SERVICES, 'or')}.` });
  }
  complaints.throwIfAny();
}

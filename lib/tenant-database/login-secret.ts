import { SecretsmanagerSecret } from '@cdktf/provider-aws/lib/secretsmanager-secret';
import { Construct } from 'constructs';
import type { IEncryptionKey } from '../encryption/encryption-key-ref';
import { EnvironmentStack } from '../environment/environment-stack';

export interface LoginSecretProps {
  /** Name of the declaration. */
  readonly declaration: string;
  /** Role in the database. */
  readonly login: string;
  readonly encryptionKey: IEncryptionKey;
  /** @default - that it is the login's password */
  readonly description?: string;
}

/** Where the password of one login lies. Terraform makes the secret and never knows what is in it: the bootstrap writes that. */
export class LoginSecret extends Construct {
  readonly secretArn: string;
  readonly encryptionKey: IEncryptionKey;
  readonly resource: SecretsmanagerSecret;

  constructor(scope: Construct, id: string, { declaration, login, encryptionKey, description }: LoginSecretProps) {
    super(scope, id);
    const { environment, layer } = EnvironmentStack.of(this);
    this.encryptionKey = encryptionKey;
    this.resource = new SecretsmanagerSecret(this, 'Resource', {
      name: `${environment.platform}/${environment.name}/${layer}/${declaration}/${login}`,
      description: description ?? `Password of ${login}`,
      kmsKeyId: encryptionKey.encryptionKeyArn,
      recoveryWindowInDays: environment.profile.secretRecoveryDays,
    });
    this.secretArn = this.resource.arn;
  }
}

import { IamPolicy } from '@cdktf/provider-aws/lib/iam-policy';
import { Construct } from 'constructs';
import { policyDocument, type PolicyStatement } from '../construct/policy-document';
import type { Environment } from '../environment/environment';
import { EnvironmentStack } from '../environment/environment-stack';
import { physicalName } from '../environment/physical-name';
import type { IHaCluster } from '../ha-cluster/ha-cluster-ref';
import type { LoginSecret } from './login-secret';

export interface LoginPolicyProps {
  readonly cluster: IHaCluster;
  /** Role in the database. */
  readonly login: string;
  /**
   * Where the password of the login lies.
   *
   * @default - the login has no password, and is let in by IAM tokens
   */
  readonly secret?: LoginSecret;
  /**
   * Where the key lies that its programs sign contexts with.
   *
   * @default - they sign none
   */
  readonly contextKey?: LoginSecret;
}

/** Allows to log in as one role of one cluster, and nothing else: by IAM tokens, or by reading its password; and to sign contexts, where they are signed. */
export class LoginPolicy extends Construct {
  readonly login: string;
  readonly policyArn: string;
  readonly resource: IamPolicy;

  constructor(scope: Construct, id: string, { cluster, login, secret, contextKey }: LoginPolicyProps) {
    super(scope, id);
    const { environment } = EnvironmentStack.of(this);
    this.login = login;
    this.resource = new IamPolicy(this, 'Resource', {
      name: physicalName(this, { max: 128 }),
      // It cannot be changed, and a policy that is attached cannot be replaced.
      description: `Log in as ${login}`,
      policy: policyDocument(...(secret === undefined ? [byToken(environment, cluster, login)] : reading(environment, secret, 'Password')), ...(contextKey === undefined ? [] : reading(environment, contextKey, 'ContextKey'))),
    });
    this.policyArn = this.resource.arn;
  }
}

const byToken = (environment: Environment, cluster: IHaCluster, login: string): PolicyStatement =>
  ({ Sid: 'LogIn', Effect: 'Allow', Action: 'rds-db:connect', Resource: environment.arn('rds-db', `dbuser:${cluster.clusterResourceId}/${login}`) });

const reading = ({ region }: Environment, { secretArn, encryptionKey }: LoginSecret, what: string): PolicyStatement[] => [
  { Sid: `Read${what}`, Effect: 'Allow', Action: ['secretsmanager:GetSecretValue', 'secretsmanager:DescribeSecret'], Resource: secretArn },
  {
    Sid: `Decrypt${what}`, Effect: 'Allow', Action: 'kms:Decrypt', Resource: encryptionKey.encryptionKeyArn,
    Condition: { StringEquals: { 'kms:ViaService': `secretsmanager.${region}.amazonaws.com`, 'kms:EncryptionContext:SecretARN': secretArn } },
  },
];

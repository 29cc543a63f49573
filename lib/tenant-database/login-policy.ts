import { IamPolicy } from '@cdktf/provider-aws/lib/iam-policy';
import { Construct } from 'constructs';
import { policyDocument, type PolicyStatement } from '../construct/policy-document';
import type { Environment } from '../environment/environment';
import { EnvironmentStack } from '../environment/environment-stack';
import { physicalName } from '../environment/physical-name';
import type { IConnectionPool } from '../connection-pool/connection-pool-ref';
import type { IHaCluster } from '../ha-cluster/ha-cluster-ref';
import type { LoginSecret } from './login-secret';
import { placesOf } from './pool';

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
  /**
   * The login by which programs ask the registry of the cluster, with its secret where it has a password.
   *
   * @default - the same login
   */
  readonly directory?: { readonly login: string; readonly secret?: LoginSecret };
  /**
   * Through which the login connects, besides the cluster itself.
   *
   * @default - none
   */
  readonly pool?: IConnectionPool;
}

/** Allows to log in as one role of one cluster, and nothing else: by IAM tokens, or by reading its password; and to sign contexts, where they are signed. */
export class LoginPolicy extends Construct {
  readonly login: string;
  readonly policyArn: string;
  readonly resource: IamPolicy;

  constructor(scope: Construct, id: string, { cluster, login, secret, contextKey, directory, pool }: LoginPolicyProps) {
    super(scope, id);
    const { environment } = EnvironmentStack.of(this);
    this.login = login;
    this.resource = new IamPolicy(this, 'Resource', {
      name: physicalName(this, { max: 128 }),
      // It cannot be changed, and a policy that is attached cannot be replaced.
      description: `Log in as ${login}`,
      policy: policyDocument(
        ...(secret === undefined ? [byToken(environment, placesOf(cluster, pool), directory === undefined ? [login] : [directory.login, login])] : reading(environment, secret, 'Password')),
        ...(directory?.secret === undefined ? [] : reading(environment, directory.secret, 'DirectoryPassword')), ...(contextKey === undefined ? [] : reading(environment, contextKey, 'ContextKey')),
      ),
    });
    this.policyArn = this.resource.arn;
  }
}

function byToken(environment: Environment, places: readonly string[], logins: readonly string[]): PolicyStatement {
  const [first, ...others] = places.flatMap((place) => logins.map((login) => environment.arn('rds-db', `dbuser:${place}/${login}`)));
  return { Sid: 'LogIn', Effect: 'Allow', Action: 'rds-db:connect', Resource: others.length === 0 ? first as string : [first as string, ...others] };
}

const reading = ({ region }: Environment, { secretArn, encryptionKey }: LoginSecret, what: string): PolicyStatement[] => [
  { Sid: `Read${what}`, Effect: 'Allow', Action: ['secretsmanager:GetSecretValue', 'secretsmanager:DescribeSecret'], Resource: secretArn },
  {
    Sid: `Decrypt${what}`, Effect: 'Allow', Action: 'kms:Decrypt', Resource: encryptionKey.encryptionKeyArn,
    Condition: { StringEquals: { 'kms:ViaService': `secretsmanager.${region}.amazonaws.com`, 'kms:EncryptionContext:SecretARN': secretArn } },
  },
];

import type { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import type { PolicyStatement } from '../construct/policy-document';
import type { Environment } from '../environment/environment';
import type { IHaCluster } from '../ha-cluster/ha-cluster-ref';
import type { ITenantDatabase, StoredPassword } from '../tenant-database/tenant-database-ref';
import type { RunnerImage } from './image';

/** Streams of the log begin with it. */
export const LOG_STREAM_PREFIX = 'runner';

/** What the bootstrap itself may do: read one manifest, log in as one user, and write the passwords of the declaration's logins. */
export function bootstrapStatements(environment: Environment, database: ITenantDatabase, iamUser: string | undefined): PolicyStatement[] {
  return [
    ...readManifest(environment, database),
    ...clustersOf(database).flatMap((cluster, i) => (iamUser === undefined ? readMasterSecret(environment, cluster, i) : [logIn(environment, cluster, iamUser, i)])),
    ...writePasswords(environment, database.loginSecrets),
  ];
}

function readManifest({ partition, region }: Environment, { manifestPlace: { parameterArn, bucket, key, version } }: ITenantDatabase): PolicyStatement[] {
  const bucketArn = `arn:${partition}:s3:::${bucket.bucketName}`;
  return [
    { Sid: 'FindManifest', Effect: 'Allow', Action: 'ssm:GetParameter', Resource: parameterArn },
    { Sid: 'ReadManifest', Effect: 'Allow', Action: 's3:GetObjectVersion', Resource: `${bucketArn}/${key}`, Condition: { StringEquals: { 's3:VersionId': version } } },
    // With a bucket key, the context that S3 encrypts in is the bucket.
    { Sid: 'DecryptManifest', Effect: 'Allow', Action: 'kms:Decrypt', Resource: bucket.encryptionKey.encryptionKeyArn, Condition: through('s3', region, { 'kms:EncryptionContext:aws:s3:arn': bucketArn }) },
  ];
}

/** The shared one, and those that tenants have for themselves. */
const clustersOf = ({ cluster, tenantClusters }: ITenantDatabase): IHaCluster[] => [cluster, ...tenantClusters.map((own) => own.cluster)];

/** Names of statements are unique in a policy. */
const numbered = (sid: string, i: number): string => (i === 0 ? sid : `${sid}${i + 1}`);

const readMasterSecret = ({ region }: Environment, { masterSecretArn, masterSecretKeyArn }: IHaCluster, i: number): PolicyStatement[] => [
  { Sid: numbered('ReadMasterPassword', i), Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: masterSecretArn },
  { Sid: numbered('DecryptMasterPassword', i), Effect: 'Allow', Action: 'kms:Decrypt', Resource: masterSecretKeyArn, Condition: through('secretsmanager', region, { 'kms:EncryptionContext:SecretARN': masterSecretArn }) },
];

const logIn = (environment: Environment, cluster: IHaCluster, user: string, i: number): PolicyStatement =>
  ({ Sid: numbered('LogIn', i), Effect: 'Allow', Action: 'rds-db:connect', Resource: environment.arn('rds-db', `dbuser:${cluster.clusterResourceId}/${user}`) });

/** The secrets are those of the declaration, one by one. Writing one decrypts as well: Secrets Manager compares it with what is there. */
function writePasswords({ region }: Environment, secrets: readonly StoredPassword[]): PolicyStatement[] {
  if (secrets.length === 0) return [];
  const keys = [...new Set(secrets.map(({ encryptionKey }) => encryptionKey.encryptionKeyArn))];
  return [
    { Sid: 'WritePasswords', Effect: 'Allow', Action: 'secretsmanager:PutSecretValue', Resource: secrets.map(({ secretArn }) => secretArn) },
    ...keys.map((key, i): PolicyStatement => ({
      Sid: numbered('EncryptPasswords', i), Effect: 'Allow', Action: ['kms:GenerateDataKey', 'kms:Decrypt'], Resource: key,
      Condition: through('secretsmanager', region, { 'kms:EncryptionContext:SecretARN': secrets.filter(({ encryptionKey }) => encryptionKey.encryptionKeyArn === key).map(({ secretArn }) => secretArn) }),
    })),
  ];
}

const through = (service: string, region: string, context: Readonly<Record<string, string | readonly string[]>>): PolicyStatement['Condition'] =>
  ({ StringEquals: { 'kms:ViaService': `${service}.${region}.amazonaws.com`, ...context } });

/** What starts the task: its image, and the streams of its log. ECR knows no resource for its tokens, which open nothing by themselves. */
export function startStatements({ partition }: Environment, { account, region, repository }: RunnerImage, logGroup: CloudwatchLogGroup): PolicyStatement[] {
  return [
    { Sid: 'LogInToRegistry', Effect: 'Allow', Action: 'ecr:GetAuthorizationToken', Resource: '*' },
    { Sid: 'PullImage', Effect: 'Allow', Action: ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'], Resource: `arn:${partition}:ecr:${region}:${account}:repository/${repository}` },
    { Sid: 'WriteLog', Effect: 'Allow', Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Resource: `${logGroup.arn}:log-stream:${LOG_STREAM_PREFIX}/*` },
  ];
}

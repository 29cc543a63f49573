import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { ListSecretsCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetParametersByPathCommand, SSMClient } from '@aws-sdk/client-ssm';
import { notChosen, type Target, type Workplace } from './target';

const REGION = 'eu-central-1';
const endpoint = process.env['AWS_ENDPOINT_URL'];
const account = process.env['TENANTRY_AWS_ACCOUNT'];

/** The real provider against an emulator of AWS: moto, LocalStack. */
export const emulator: Target = {
  name: 'emulator',
  missing: notChosen('emulator') ?? (endpoint === undefined ? 'AWS_ENDPOINT_URL names no emulator' : undefined),
  account: '111111111111',
  localDatabase: true,
  prepare(synthesized, folder, platform) {
    const output = copy(synthesized, folder);
    for (const stack of readdirSync(join(output, 'stacks'))) beLenient(join(output, 'stacks', stack));
    // An emulator lets everybody in; real credentials never reach it.
    return workplace(output, platform, { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_SESSION_TOKEN: '', AWS_PROFILE: '', AWS_MAX_ATTEMPTS: '2' });
  },
};

/** The real provider and the real AWS. It costs money while it runs, and destroys what it made. */
export const awsAccount: Target = {
  name: 'account',
  missing: notChosen('account') ?? (account === undefined ? 'TENANTRY_AWS_ACCOUNT names no account' : endpoint !== undefined ? 'AWS_ENDPOINT_URL names an emulator' : undefined),
  account: account ?? '',
  localDatabase: false,
  prepare: (synthesized, folder, platform) => workplace(copy(synthesized, folder), platform, {}),
};

function copy(synthesized: string, folder: string): string {
  // State lies beside it.
  const output = join(folder, 'cdktf.out');
  cpSync(synthesized, output, { recursive: true });
  return output;
}

/** An emulator has accounts of its own, and no metadata; buckets are paths, because it has no names in DNS. */
function beLenient(stack: string): void {
  const { provider } = JSON.parse(readFileSync(join(stack, 'cdk.tf.json'), 'utf8')) as { provider: { aws: object[] } };
  const aws = provider.aws.map((one) => ({ ...one, allowed_account_ids: [], skip_credentials_validation: true, skip_metadata_api_check: true, skip_requesting_account_id: true, s3_use_path_style: true }));
  writeFileSync(join(stack, 'emulator_override.tf.json'), JSON.stringify({ provider: { aws } }));
}

function workplace(output: string, platform: string, variables: Readonly<Record<string, string>>): Promise<Workplace> {
  if (!existsSync(join(output, 'manifest.json'))) throw new Error(`nothing was synthesized into ${output}`);
  const own = { region: REGION, ...(endpoint === undefined ? {} : { endpoint, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } }) };
  return Promise.resolve({
    output, variables: { CHECKPOINT_DISABLE: '1', ...variables },
    async objects() {
      const [{ Buckets = [] }, { Parameters = [] }, { SecretList = [] }] = await Promise.all([
        new S3Client({ ...own, forcePathStyle: true }).send(new ListBucketsCommand({})),
        new SSMClient(own).send(new GetParametersByPathCommand({ Path: `/${platform}/`, Recursive: true })),
        new SecretsManagerClient(own).send(new ListSecretsCommand({ Filters: [{ Key: 'name', Values: [`${platform}/`] }] })),
      ]);
      return [...Buckets.flatMap(({ Name = '' }) => (Name.startsWith(`${platform}-`) ? [`bucket ${Name}`] : [])), ...Parameters.map(({ Name }) => `parameter ${Name}`), ...SecretList.map(({ Name }) => `secret ${Name}`)];
    },
  });
}

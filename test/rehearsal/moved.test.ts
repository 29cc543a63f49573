import { KmsKey } from '@cdktf/provider-aws/lib/kms-key';
import { S3Bucket } from '@cdktf/provider-aws/lib/s3-bucket';
import { type App, TerraformResource } from 'cdktf';
import { Environment, EnvironmentStack } from 'tenantry';
import { beforeAll, expect, it } from 'vitest';
import { describeTerraform } from '../support/terraform';
import { ENVIRONMENT, shop, type ShopVersion } from './support/shop';
import { Deployment, type PlanOptions } from './support/versions';

/** The shop with a key of its own, and beside it a stack that made a bucket by itself. */
const before = (app: App): void => {
  shop({ more: (stack) => void new KmsKey(stack, 'Own', {}) })(app);
  new S3Bucket(new EnvironmentStack(app, 'legacy', { environment: Environment.of(ENVIRONMENT) }), 'Files', { bucket: 'files' });
};

describeTerraform('objects that are there under another name', () => {
  const deployment = new Deployment('staging-shop');
  beforeAll(() => deployment.deploy(before), 60_000);
  const plan = (more: ShopVersion['more'], version: ShopVersion = {}, options: PlanOptions = {}): Promise<string[]> => deployment.plan(shop({ ...version, more }), options);

  it('are moved with a construct that gets another id: moveTo from the old one, moveFromId to the new one', async () => {
    const old = deployment.addresses()['staging-shop/Own'];
    expect(await plan((stack) => {
      new KmsKey(stack, 'Mine', {}).addMoveTarget('mine');
      new KmsKey(stack, 'Own', {}).moveTo('mine');
    })).toEqual([`move Mine from ${old}`]);
    expect(await plan((stack) => new KmsKey(stack, 'Mine', { description: 'ours' }).moveFromId(old!))).toEqual([`update Mine from ${old}`]);
    // Without it, one is destroyed and another one made.
    await expect(plan((stack) => void new KmsKey(stack, 'Mine', {}))).rejects.toThrow('Nobody asked for this: delete Own');
  });

  it('are moved with a whole cluster, if its name stays: what is named after the construct and holds nothing is made anew', async () => {
    const addresses = deployment.addresses();
    const own = (id: string): string => addresses[`staging-shop/Cluster/${id}`]!;
    const moved = (stack: EnvironmentStack, cluster: TerraformResource['node']['root']): void => {
      new KmsKey(stack, 'Own', {});
      for (const resource of cluster.node.findAll()) if (TerraformResource.isTerraformResource(resource)) resource.moveFromId(addresses[resource.node.path.replace('/Main/', '/Cluster/')]!);
    };
    const planned = await plan(moved, { clusterId: 'Main', cluster: { clusterIdentifier: 'shop-staging-shop-cluster' } }, { asked: /Main\/Monitoring\/(Events|Dashboard)/ });
    const watching = planned.filter((line) => line.includes(' Main/Monitoring/'));
    const moves = ['Access/ClientSecurityGroup', 'Access/IntoEndpoints', 'Access/SecurityGroup', 'Access/Sources/clients', 'Access/ToEndpoints', 'Access/ToS3', 'Access/WayOut/clients', ...['iam-db-auth-error', 'postgresql'].flatMap((log) => [`Logs/${log}`, `Logs/${log}/DataProtection`]), 'ParameterGroup', 'Resource'];
    expect(planned.filter((line) => !watching.includes(line))).toEqual([
      ...moves.map((id) => `move Main/${id} from ${own(id)}`),
      `replace Main/MonitoringPolicy (role) from ${own('MonitoringPolicy')}`,
      `replace Main/MonitoringRole (name) from ${own('MonitoringRole')}`,
      `update Main/Instances/a from ${own('Instances/a')}`,
      `update Main/Instances/b from ${own('Instances/b')}`,
    ]);
    // Alarms are named after the cluster, and keep their history; events and the dashboard are named after the construct, and hold nothing.
    expect(watching.filter((line) => !line.startsWith('move ') && !/^replace Main\/Monitoring\/(Dashboard\/Resource|Events\/\S+) \((dashboard_name|name|rule)\)/.test(line))).toEqual([]);
    expect(watching.filter((line) => line.startsWith('move Main/Monitoring/Alarms/')).length).toBeGreaterThan(20);
  });

  it('are imported, and not made again', async () => {
    expect(await plan((stack) => {
      new KmsKey(stack, 'Own', {});
      new S3Bucket(stack, 'Files', { bucket: 'files' }).importFrom('files');
    })).toEqual(['import Files as files']);
  });

  it('are not imported when they are not there: refused, with the place', async () => {
    await expect(plan((stack) => new S3Bucket(stack, 'Files', { bucket: 'absent' }).importFrom('absent')))
      .rejects.toThrow('rehearsal/plan  at staging-shop/Files (aws_s3_bucket.Files)\n\n  Cannot import non-existent remote object: There is no aws_s3_bucket "absent" in eu-central-1.');
  });
});

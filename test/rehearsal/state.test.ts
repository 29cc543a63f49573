import type { App } from 'cdktf';
import { Engine } from 'tenantry';
import { beforeAll, describe, expect, it } from 'vitest';
import { describeTerraform } from '../support/terraform';
import { reversed, roles, shop, type ShopVersion, tables, tenants, without } from './support/shop';
import { Deployment, type PlanOptions } from './support/versions';

const MANIFEST = ['update Shop/ManifestObject', 'update Shop/ManifestParameter'];
const zones = (...letters: readonly string[]): ShopVersion => ({ environment: { zones: letters.map((letter) => `eu-central-1${letter}`) } });
const production: ShopVersion['environment'] = { stage: 'production', state: { backend: 's3', bucket: 'shop-state', kmsKeyArn: 'arn:aws:kms:eu-central-1:123456789012:key/1' } };

/** What a change of the code does to what is deployed, with state as Terraform keeps it: exactly this, and nothing stateful that nobody asked for. */
describeTerraform("state is the user's", () => {
  const deployment = new Deployment('staging-shop');
  beforeAll(() => deployment.deploy(shop()), 60_000);

  const plans = (title: string, version: ShopVersion, expected: readonly string[], options: PlanOptions = {}): void =>
    it(title, async () => expect(await deployment.plan(shop(version), options)).toEqual([...expected].sort()));

  plans('the same code changes nothing', {}, []);

  describe('tenants', () => {
    const own = (tenant: string, action: string): string[] => [`${action} Shop/Passwords/shop_jobs__${tenant}_login/Resource`, `${action} Shop/Tenants/${tenant}/app/Resource`, `${action} Shop/Tenants/${tenant}/jobs/Resource`];
    plans('some are added, in front of the others: only a database of its own has logins of its own', { tenants: { aaa: { isolation: 'row' }, bbb: { isolation: 'schema' }, ccc: { isolation: 'database' }, ...tenants } }, [...own('ccc', 'create'), ...MANIFEST]);
    plans('some are removed, and take their own logins along', { tenants: { globex: tenants.globex } }, [...own('initech', 'delete'), ...MANIFEST], { asked: /initech/ });
    plans('another order, and other display names', { tenants: reversed({ ...tenants, acme: { isolation: 'row', displayName: 'Acme, Inc.' }, initech: { isolation: 'database', displayName: 'Initech, Inc.' } }) }, MANIFEST);
    plans('another key is another tenant', { tenants: without(tenants, 'initech', 'initrode') }, [...own('initech', 'delete'), ...own('initrode', 'create'), ...MANIFEST], { asked: /initech/ });
    plans('one gets a database of its own', { tenants: { ...tenants, acme: { isolation: 'database' } } }, [...own('acme', 'create'), ...MANIFEST]);
  });

  describe('tables', () => {
    plans('some are added, renamed and removed, in another order', { tables: reversed({ audits: tables['orders']!, ...without(tables, 'customers', 'clients') }) }, MANIFEST);
  });

  describe('roles', () => {
    const of = (role: string, action: string): string[] => [`${action} Shop/Logins/${role}/Resource`, `${action} Shop/Tenants/initech/${role}/Resource`];
    const secrets = (role: string, action: string): string[] => [`${action} Shop/Passwords/shop_${role}_login/Resource`, `${action} Shop/Passwords/shop_${role}__initech_login/Resource`];
    plans('some are added, in front of the others: one that sees all tenants has no login of theirs', { roles: { aaa: roles.app, auditor: { ...roles.app, scope: 'all' }, ...reversed(roles) } }, [...of('aaa', 'create'), 'create Shop/Logins/auditor/Resource', ...MANIFEST]);
    plans('one is removed, with its passwords', { roles: without(roles, 'jobs') }, [...of('jobs', 'delete'), ...secrets('jobs', 'delete'), ...MANIFEST], { asked: /jobs/ });
    plans('one is renamed', { roles: without(roles, 'app', 'web') }, [...of('app', 'delete'), ...of('web', 'create'), ...MANIFEST]);
    // The policy stays, and with it what it is attached to.
    plans('another way to log in', { roles: { app: { ...roles.app, login: 'password' }, jobs: { ...roles.jobs, login: 'iam' } } }, [...of('app', 'update'), ...secrets('app', 'create'), ...of('jobs', 'update'), ...secrets('jobs', 'delete'), ...MANIFEST], { asked: /jobs/ });
  });

  describe('readers and zones', () => {
    // Events name the instances that they are of.
    const events = [...['critical', 'info', 'unlisted', 'warning'].map((id) => `update Cluster/Monitoring/Events/${id}`), 'replace EventSubscriptions/AlertChannel/Events/db-instance (name)'];
    const ofReaders = ['capacity-readers', 'connections-readers', 'cpu-readers', 'memory-readers', 'replica-lag', 'Quiet/replica-lag'].map((id) => `delete Cluster/Monitoring/Alarms/${id}`);
    plans('readers are added', { readers: 3 }, ['create Cluster/Instances/a2', 'create Cluster/Instances/c', ...events]);
    plans('the reader is removed, with the alarms of readers', { readers: 0, environment: { profile: { failoverSeconds: 0 } } }, ['delete Cluster/Instances/b', ...events, ...ofReaders, 'update Cluster/Monitoring/Dashboard/Resource'], { asked: /Instances|Alarms/ });
    plans('a zone is added behind the others', zones('a', 'b', 'c', 'd'), ['create Network/Subnet-d', 'create Network/Subnet-d/Routes', 'update Network/SubnetGroup']);
    // Data is the cluster's: an instance holds none.
    plans('the zone of the reader is removed', zones('a', 'c'), [
      'create Cluster/Instances/c', 'delete Cluster/Instances/b', 'delete Network/Subnet-b', 'delete Network/Subnet-b/Routes', 'update Network/SubnetGroup',
      ...['kms', 'logs', 'secretsmanager', 'ssm'].map((service) => `update Network/Endpoints/${service}`), ...events,
    ], { asked: /Instances\/b|Subnet-b/ });
    plans('another first zone is another place for the writer', zones('c', 'b', 'a'), ['create Cluster/Instances/c', 'delete Cluster/Instances/a', ...events], { asked: /Instances\/a/ });
  });

  describe('the cluster and its network', () => {
    plans('sources, endpoints in another order, a parameter', { network: { sources: { office: { cidr: '10.1.0.0/16' } }, endpoints: ['sts', 'ssm', 'logs', 'kms', 'secretsmanager'] }, cluster: { parameters: { log_min_duration_statement: '500' } } }, [
      'create Network/Endpoints/sts', 'create Network/Sources/office', 'update Cluster/ParameterGroup',
    ]);
    // The parameter group of a major version is another one, made before the old one goes.
    plans('the next major version', { cluster: { engine: Engine.auroraPostgresql('17') } }, ['replace Cluster/ParameterGroup (family, name, description)', 'update Cluster/Resource', ...MANIFEST], { asked: /ParameterGroup/ });

    it('another name is another cluster: what these tests guard against is noticed', async () => {
      await expect(deployment.plan(shop({ cluster: { clusterIdentifier: 'another' } }))).rejects.toThrow(/^Nobody asked for this: .*replace Cluster\/Resource cluster_identifier/);
    });
  });

  describe('environments', () => {
    const creates = (planned: readonly string[], stack: string): void => {
      expect(planned.length).toBeGreaterThan(40);
      expect(planned.filter((line) => !line.startsWith(`create ${stack}/`))).toEqual([]);
    };

    it('another one, before the first, creates its own objects and touches nothing', async () => {
      creates(await deployment.plan((app: App) => [production, {}].forEach((environment) => shop({ environment })(app))), 'production-shop');
    });

    it('another name is another environment: the old one stays until it is destroyed', async () => {
      creates(await deployment.plan(shop({ environment: { name: 'acceptance' } })), 'acceptance-shop');
      expect(await deployment.plan(shop())).toEqual([]);
    });

    it('a recovery region is not given up by the way: its key needs the provider to be destroyed', async () => {
      await expect(deployment.plan(shop({ environment: { recoveryRegion: undefined } }))).rejects.toThrow(/Provider configuration not present: To work with aws_kms_replica_key\.EncryptionKey_Replica_\w+/);
    });

    it('another stage under the same name, and another owner: all in place', async () => {
      for (const environment of [{ ...production, name: 'staging', owner: 'others' }, { stage: 'development', name: 'staging', profile: { readers: 1 } }] as const) {
        const planned = await deployment.plan(shop({ environment }));
        expect(planned).toEqual(expect.arrayContaining(['update Cluster/Resource', 'update EncryptionKey/Resource', 'update ManifestBucket/Resource', ...MANIFEST]));
        // What pauses has no alarm that it is down.
        expect(planned.filter((line) => !line.startsWith('update '))).toEqual(environment.stage === 'development' ? ['delete Cluster/Monitoring/Alarms/writer-down'] : []);
      }
    });
  });
});

describeTerraform('a key that encrypts data', () => {
  it('is not made anew for a recovery region: that is refused, with the place', async () => {
    const deployment = new Deployment();
    await deployment.deploy(shop({ environment: { recoveryRegion: undefined } }));
    await expect(deployment.plan(shop())).rejects.toThrow(/^rehearsal\/plan {2}at staging-shop\/EncryptionKey\/Resource \(aws_kms_key\.EncryptionKey_\w+\)\n\n {2}Instance cannot be destroyed/);
  });
});

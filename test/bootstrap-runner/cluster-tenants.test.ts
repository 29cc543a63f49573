import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy';
import { KmsKey } from '@cdktf/provider-aws/lib/kms-key';
import { RdsCluster } from '@cdktf/provider-aws/lib/rds-cluster';
import { VpcSecurityGroupEgressRule } from '@cdktf/provider-aws/lib/vpc-security-group-egress-rule';
import { VpcSecurityGroupIngressRule } from '@cdktf/provider-aws/lib/vpc-security-group-ingress-rule';
import { describe, expect, it } from 'vitest';
import { BootstrapRunner } from '../../lib/bootstrap-runner';
import { EncryptionKey } from '../../lib/encryption';
import { Engine } from '../../lib/engine';
import { HaCluster } from '../../lib/ha-cluster';
import { DatabaseNetwork, IMAGE_ENDPOINTS, STANDARD_ENDPOINTS } from '../../lib/network';
import { TenantDatabase } from '../../lib/tenant-database';
import { expectRefusal, type Json, synthesizeStack, testStack } from '../support/synth';
import { IMAGE, shop } from './fixture';

/** Two tenants with clusters, and runners by password and by IAM. */
function made(iamUser?: string, tenants: readonly string[] = ['umbrella']) {
  const stack = testStack();
  const network = new DatabaseNetwork(stack, 'Network', { endpoints: [...STANDARD_ENDPOINTS, ...IMAGE_ENDPOINTS] });
  const engine = Engine.auroraPostgresql('17');
  const database = new TenantDatabase(stack, 'Shop', {
    cluster: new HaCluster(stack, 'Cluster', { network, engine }), schema: shop, tenants: Object.fromEntries(tenants.map((key) => [key, { isolation: 'cluster' }])),
    tenantCluster: (scope) => new HaCluster(scope, 'Cluster', { network, engine, encryptionKey: new EncryptionKey(scope, 'Key') }),
  });
  new BootstrapRunner(stack, 'Runner', { database, network, image: IMAGE, ...(iamUser === undefined ? {} : { iamUser }) });
  return { stack, database };
}

describe('the runner of a database whose tenants have clusters of their own', () => {
  const { stack: scope, database } = made();
  const stack = synthesizeStack(scope);
  const arnOf = (name: RegExp, type: { readonly tfResourceType: string }): string => `\${${stack.resources(type).find(({ address }) => name.test(address))?.address}`;
  const statements = (of = stack): Json[] => JSON.parse(of.resources(IamRolePolicy).find(({ address }) => address.includes('TaskRole'))?.arguments.policy).Statement;

  it('reads the master password of each, each with its own key, and writes the secrets of all logins', () => {
    const own = `${arnOf(/Tenants_umbrella_Cluster/, RdsCluster)}.master_user_secret[0].secret_arn}`;
    const key = `${arnOf(/Tenants_umbrella_Key/, KmsKey)}.arn}`;
    const all = statements();
    expect(all.map(({ Sid }) => Sid)).toEqual(['FindManifest', 'ReadManifest', 'DecryptManifest', 'ReadMasterPassword', 'DecryptMasterPassword', 'ReadMasterPassword2', 'DecryptMasterPassword2', 'WritePasswords', 'EncryptPasswords', 'EncryptPasswords2']);
    expect(all.find(({ Sid }) => Sid === 'ReadMasterPassword2').Resource).toBe(own);
    expect(all.find(({ Sid }) => Sid === 'DecryptMasterPassword2')).toMatchObject({ Resource: key, Condition: { StringEquals: { 'kms:EncryptionContext:SecretARN': own } } });
    expect(all.find(({ Sid }) => Sid === 'EncryptPasswords2').Resource).toBe(key);
    expect(all.find(({ Sid }) => Sid === 'WritePasswords').Resource).toHaveLength(3);
    expect(database.loginSecrets).toHaveLength(3);
  });

  it('logs in on each as one user, where that is by IAM', () => {
    const byIam = synthesizeStack(made('platform_bootstrap').stack);
    expect(statements(byIam).filter(({ Sid }) => /^LogIn/.test(Sid)).map(({ Sid, Resource }) => [Sid, /dbuser:\$\{aws_rds_cluster\.(Shop_Tenants_umbrella_)?Cluster_\w+\.cluster_resource_id\}\/platform_bootstrap$/.test(Resource)])).toEqual([['LogIn', true], ['LogIn2', true]]);
    expect(JSON.stringify(statements(byIam))).not.toContain('GetSecretValue');
  });

  it('is admitted by each cluster, by a rule of its own', () => {
    const rules = [VpcSecurityGroupEgressRule, VpcSecurityGroupIngressRule].flatMap((type) => stack.resources(type)).filter(({ address }) => address.includes('Runner_Tenants_umbrella_'));
    expect(rules.map(({ arguments: { from_port: from, to_port: to, ip_protocol: protocol } }) => [protocol, from, to])).toEqual([['tcp', 5432, 5432], ['tcp', 5432, 5432]]);
    const [out, into] = rules.map(({ arguments: args }) => [args.security_group_id, args.referenced_security_group_id]);
    expect(out).toEqual([...into ?? []].reverse());
    expect(stack.resources(RdsCluster).find(({ address }) => address.includes('Tenants_umbrella'))?.arguments.vpc_security_group_ids).toContain(into?.[0]);
  });

  it('is refused where the policy of its role would be too long', () => {
    expectRefusal(() => made(undefined, ['a', 'b', 'c', 'd', 'e', 'f']), 'bootstrap-runner/login-secrets', `bootstrap-runner/login-secrets  at staging-data/Runner

  The declaration has 13 logins with a password and 6 tenants with a cluster of their own; the policy of the runner names each, and has room for 7 such logins beside so many clusters.

  Let programs log in by IAM (login: 'iam'), which needs no secret.

  Source: AWS, IAM quotas`);
  });
});

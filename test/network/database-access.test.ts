import { SecurityGroup } from '@cdktf/provider-aws/lib/security-group';
import { VpcSecurityGroupEgressRule } from '@cdktf/provider-aws/lib/vpc-security-group-egress-rule';
import { VpcSecurityGroupIngressRule } from '@cdktf/provider-aws/lib/vpc-security-group-ingress-rule';
import { RdsCluster } from '@cdktf/provider-aws/lib/rds-cluster';
import { Lazy, TerraformOutput, Token } from 'cdktf';
import { describe, expect, it } from 'vitest';
import { EncryptionKey } from '../../lib/encryption';
import { Engine } from '../../lib/engine';
import { HaCluster } from '../../lib/ha-cluster';
import { DatabaseAccess, type DatabaseAccessProps, DatabaseNetwork, type DatabaseNetworkProps, NetworkSource } from '../../lib/network';
import { type Connected, reachability } from '../support/reachability';
import { expectRefusal, importedNetwork, type Json, type SynthesizedStack, synthesizeStack, testStack } from '../support/synth';

/** A network with two clusters: one as it comes, and one that only its own clients may reach. */
function platform(props: Partial<Record<'acme' | 'globex', Partial<DatabaseAccessProps>>> = {}, networkProps: DatabaseNetworkProps = {}): Connected {
  const stack = testStack();
  const encryptionKey = EncryptionKey.fromEncryptionKeyAttributes(stack, 'Key', { encryptionKeyArn: 'arn:aws:kms:eu-central-1:123456789012:key/k' });
  const network = new DatabaseNetwork(stack, 'Network', { encryptionKey, ...networkProps });
  const acme = new DatabaseAccess(stack, 'Acme', { network, name: 'shop-acme', ...props.acme });
  const globex = new DatabaseAccess(stack, 'Globex', { network, name: 'shop-globex', admitsNetwork: false, ...props.globex });
  const groups: Record<string, readonly string[]> = {
    'acme databases': acme.securityGroupIds, 'acme clients': [acme.clientSecurityGroupId],
    'globex databases': globex.securityGroupIds, 'globex clients': [globex.clientSecurityGroupId],
    'network clients': [network.clientSecurityGroupId], 'endpoints': [network.endpointSecurityGroupId], 'stranger': ['sg-0bad'],
  };
  new TerraformOutput(stack, 'Members', { value: groups }).overrideLogicalId('members');
  const synthesized = synthesizeStack(stack);
  return { stack: synthesized, members: synthesized.json.output.members.value };
}

const rulesOf = (stack: SynthesizedStack, type: typeof VpcSecurityGroupEgressRule | typeof VpcSecurityGroupIngressRule): Json[] => stack.resources(type).map(({ arguments: args }) => args);

describe('two clusters of one network', () => {
  it('[DBAAS-10.4] cannot reach each other, nor can the clients of one reach the other: the network\'s own reach only what is open to it', () => {
    const stack = testStack();
    const encryptionKey = EncryptionKey.fromEncryptionKeyAttributes(stack, 'Key', { encryptionKeyArn: 'arn:aws:kms:eu-central-1:123456789012:key/k' });
    const network = new DatabaseNetwork(stack, 'Network', { encryptionKey });
    const clusters = { acme: {}, globex: { admitsNetwork: false } };
    const made = Object.entries(clusters).map(([name, props]) => [name, new HaCluster(stack, name, { network, engine: Engine.auroraPostgresql('17'), encryptionKey, clusterIdentifier: name, ...props })] as const);
    new TerraformOutput(stack, 'Members', { value: Object.fromEntries([['network clients', [network.clientSecurityGroupId]], ...made.map(([name, { clientSecurityGroupId }]) => [`${name} clients`, [clientSecurityGroupId]])]) }).overrideLogicalId('members');
    const synthesized = synthesizeStack(stack);
    const databases = synthesized.resources(RdsCluster).map(({ arguments: { cluster_identifier, vpc_security_group_ids } }) => [`${cluster_identifier} databases`, vpc_security_group_ids]);
    expect(databases).toHaveLength(2);
    expect(reachability({ stack: synthesized, members: { ...synthesized.json.output.members.value, ...Object.fromEntries(databases) } })).toEqual([
      'acme clients → acme databases 5432', 'globex clients → globex databases 5432', 'network clients → acme databases 5432',
    ]);
  });
});

describe('DatabaseAccess', () => {
  const made = platform();

  it('[DBAAS-10.4] two clusters of one network, and the clients of each, cannot reach the other', () => {
    expect(reachability(made)).toEqual([
      'acme clients → acme databases 5432', 'acme clients → endpoints 443',
      'globex clients → endpoints 443', 'globex clients → globex databases 5432',
      'network clients → acme databases 5432', 'network clients → endpoints 443',
    ]);
    // Nothing is reached by address either: no rule of theirs lets out, or in, by one.
    const byAddress = [...rulesOf(made.stack, VpcSecurityGroupEgressRule), ...rulesOf(made.stack, VpcSecurityGroupIngressRule)].filter((rule) => rule.cidr_ipv4 !== undefined || rule.cidr_ipv6 !== undefined);
    expect(byAddress).toEqual([]);
  });

  it('lets the databases out to nothing at all', () => {
    const databases = [...made.members['acme databases'] ?? [], ...made.members['globex databases'] ?? []];
    expect(databases).toHaveLength(3);
    expect(rulesOf(made.stack, VpcSecurityGroupEgressRule).filter(({ security_group_id }) => databases.includes(security_group_id))).toEqual([]);
    for (const group of made.stack.resources(SecurityGroup)) expect(Object.keys(group.arguments).filter((name) => ['ingress', 'egress'].includes(name))).toEqual([]);
  });

  it('names its groups after the databases, so that they stay when the construct gets another id', () => {
    const names = (id: string): Json[] => {
      const stack = testStack();
      new DatabaseAccess(stack, id, { network: importedNetwork(stack), name: 'shop-acme' });
      return synthesizeStack(stack).resources(SecurityGroup).map(({ arguments: args }) => args);
    };
    expect(names('Acme')).toEqual([
      { name: 'shop-acme-clients', description: 'Programs that may connect to one cluster', vpc_id: 'vpc-1', tags: { Name: 'shop-acme-clients' } },
      { name: 'shop-acme-databases', description: 'Databases of one cluster', vpc_id: 'vpc-1', tags: { Name: 'shop-acme-databases' } },
    ]);
    expect(names('Other')).toEqual(names('Acme'));
  });

  it('lets its clients reach S3 as those of the network do', () => {
    const s3 = rulesOf(made.stack, VpcSecurityGroupEgressRule).filter(({ prefix_list_id }) => prefix_list_id !== undefined);
    expect(s3.map(({ security_group_id, prefix_list_id, from_port }) => [security_group_id, prefix_list_id, from_port])).toEqual(
      ['acme clients', 'globex clients', 'network clients'].map((who) => [made.members[who]?.[0], s3[0].prefix_list_id, 443]));
  });

  it('admits named sources to itself alone, and those of the network to what is open to the network', () => {
    const { stack, members } = platform({ acme: { sources: { vpn: NetworkSource.cidr('10.9.0.0/24') } } }, { sources: { office: NetworkSource.cidr('10.20.0.0/16') } });
    const byAddress = rulesOf(stack, VpcSecurityGroupIngressRule).filter(({ cidr_ipv4 }) => cidr_ipv4 !== undefined).map(({ security_group_id, cidr_ipv4, from_port, to_port }) => ({
      into: ['acme databases', 'globex databases'].filter((who) => members[who]?.includes(security_group_id)), cidr_ipv4, from_port, to_port,
    }));
    expect(byAddress).toEqual([
      { into: ['acme databases'], cidr_ipv4: '10.9.0.0/24', from_port: 5432, to_port: 5432 },
      { into: ['acme databases'], cidr_ipv4: '10.20.0.0/16', from_port: 5432, to_port: 5432 },
    ]);
  });

  it('connects a group that lets out only what it names', () => {
    const stack = testStack();
    const access = new DatabaseAccess(stack, 'Acme', { network: importedNetwork(stack), name: 'shop-acme' });
    access.connect('pool', 'sg-0a1b');
    const synthesized = synthesizeStack(stack);
    const group = `\${${synthesized.resources(SecurityGroup).find(({ arguments: { name } }) => name === 'shop-acme-databases')?.address}.id}`;
    expect([...rulesOf(synthesized, VpcSecurityGroupEgressRule), ...rulesOf(synthesized, VpcSecurityGroupIngressRule)].filter((rule) => JSON.stringify(rule).includes('sg-0a1b'))).toEqual([
      { security_group_id: 'sg-0a1b', referenced_security_group_id: group, ip_protocol: 'tcp', from_port: 5432, to_port: 5432, description: 'Databases' },
      { security_group_id: group, referenced_security_group_id: 'sg-0a1b', ip_protocol: 'tcp', from_port: 5432, to_port: 5432, description: 'pool' },
    ]);
  });

  it('needs of an imported network only what it is told: without endpoints its clients reach the databases alone', () => {
    const stack = testStack();
    const access = new DatabaseAccess(stack, 'Acme', { network: importedNetwork(stack), name: Lazy.stringValue({ produce: () => '${data.aws_x.y.z}' }) });
    expect(access.securityGroupIds).toEqual([access.securityGroupId, 'sg-1']);
    expect(rulesOf(synthesizeStack(stack), VpcSecurityGroupEgressRule).map(({ description }) => description)).toEqual(['Databases']);
  });

  it('is closed to the network where it listens on another port, since the network admits on its own', () => {
    const { stack, members } = platform({ acme: { port: 3306 } });
    expect(members['acme databases']).toHaveLength(1);
    expect(reachability({ stack, members })).toContain('acme clients → acme databases 3306');
    expect(reachability({ stack, members })).not.toContain('network clients → acme databases 5432');
  });

  it('warns of that, unless it is said', () => {
    const warned = (props: Partial<DatabaseAccessProps>): unknown[] => {
      const stack = testStack();
      const access = new DatabaseAccess(stack, 'Access', { network: importedNetwork(stack), name: 'shop', ...props });
      return access.node.metadata.filter(({ type }) => type === '@cdktf/warn').map(({ data }) => data);
    };
    const warning = (port: string): string => `The network admits its clients and sources on port 5432, and these databases listen on ${port}: they are closed to all of them. Name who may connect in sources and say admitsNetwork: false, or give databases and network one port.`;
    expect([warned({}), warned({ port: 5432 }), warned({ port: 3306, admitsNetwork: false })]).toEqual([[], [], []]);
    expect([warned({ port: 3306 }), warned({ port: Token.asNumber('${data.aws_x.y.z}') })]).toEqual([[warning('3306')], [warning('one that only Terraform knows')]]);
  });
});

describe('DatabaseAccess refuses', () => {
  const refused = (props: Partial<DatabaseAccessProps>, codes: string | readonly string[], message: string): void => {
    const stack = testStack();
    expectRefusal(() => new DatabaseAccess(stack, 'Access', { network: importedNetwork(stack), name: 'shop', ...props }), codes, message);
  };

  it('everything that is wrong, at once', () => {
    refused({ name: 'sg-shop', admitsNetwork: true, port: 3306, sources: { all: NetworkSource.cidr('0.0.0.0/0') } }, ['database-access/name', 'database-access/network-port', 'database-network/open-source'], `database-access/name  at staging-data/Access

  "sg-shop" cannot begin the name of a security group: letters, digits, hyphens and underscores are allowed, at most 245, and not "sg-" in front.

  Give the cluster another clusterIdentifier.

  Source: AWS, CreateSecurityGroup

database-access/network-port  at staging-data/Access

  The network admits its sources and clients on port 5432, and these databases listen on 3306: none of them would reach the databases.

  Leave admitsNetwork out, and name who may connect in sources.

database-network/open-source  at staging-data/Access

  Source all is 0.0.0.0/0. A source names somebody; a network wider than /8 does not, and databases are never open to everybody.

  Name the callers: NetworkSource.securityGroup('sg-…') or the network they come from.`);
  });

  it('a name that is taken', () => {
    refused({ sources: { clients: NetworkSource.cidr('10.0.0.0/8') } }, 'database-network/source-twice', `database-network/source-twice  at staging-data/Access

  There is a source clients already: the members of clientSecurityGroupId.

  Choose another name.`);
  });
});

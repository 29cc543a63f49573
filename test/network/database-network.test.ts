import { DbSubnetGroup } from '@cdktf/provider-aws/lib/db-subnet-group';
import { DefaultSecurityGroup } from '@cdktf/provider-aws/lib/default-security-group';
import { FlowLog } from '@cdktf/provider-aws/lib/flow-log';
import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import { InternetGateway } from '@cdktf/provider-aws/lib/internet-gateway';
import { NatGateway } from '@cdktf/provider-aws/lib/nat-gateway';
import { RouteTable } from '@cdktf/provider-aws/lib/route-table';
import { RouteTableAssociation } from '@cdktf/provider-aws/lib/route-table-association';
import { SecurityGroup } from '@cdktf/provider-aws/lib/security-group';
import { Subnet } from '@cdktf/provider-aws/lib/subnet';
import { Vpc } from '@cdktf/provider-aws/lib/vpc';
import { VpcEndpoint } from '@cdktf/provider-aws/lib/vpc-endpoint';
import { VpcSecurityGroupEgressRule } from '@cdktf/provider-aws/lib/vpc-security-group-egress-rule';
import { VpcSecurityGroupIngressRule } from '@cdktf/provider-aws/lib/vpc-security-group-ingress-rule';
import { Lazy, TerraformOutput } from 'cdktf';
import { describe, expect, it } from 'vitest';
import { EncryptionKey } from '../../lib/encryption';
import { DatabaseNetwork, type DatabaseNetworkProps, NetworkSource } from '../../lib/network';
import { expectRefusal, type SynthesizedStack, synthesizeStack, testStack } from '../support/synth';

const KEY = 'arn:aws:kms:eu-central-1:123456789012:key/k';
function made(props: DatabaseNetworkProps = {}): SynthesizedStack {
  const stack = testStack();
  new DatabaseNetwork(stack, 'Network', { encryptionKey: EncryptionKey.fromEncryptionKeyAttributes(stack, 'Key', { encryptionKeyArn: KEY }), ...props });
  return synthesizeStack(stack);
}
const refused = (props: DatabaseNetworkProps, codes: string | readonly string[], message: string): void => expectRefusal(() => new DatabaseNetwork(testStack(), 'Network', props), codes, message);

describe('DatabaseNetwork', () => {
  const stack = made();

  it('has a subnet without public addresses in each of three zones, in one subnet group', () => {
    expect(stack.resource(Vpc)).toMatchObject({ cidr_block: '10.0.0.0/16', enable_dns_hostnames: true, enable_dns_support: true });
    expect(stack.resources(Subnet).map(({ arguments: { availability_zone, cidr_block, map_public_ip_on_launch } }) => ({ availability_zone, cidr_block, map_public_ip_on_launch }))).toEqual([
      { availability_zone: 'eu-central-1a', cidr_block: '10.0.0.0/20', map_public_ip_on_launch: false },
      { availability_zone: 'eu-central-1b', cidr_block: '10.0.16.0/20', map_public_ip_on_launch: false },
      { availability_zone: 'eu-central-1c', cidr_block: '10.0.32.0/20', map_public_ip_on_launch: false },
    ]);
    expect(stack.resource(DbSubnetGroup)).toMatchObject({ name: 'shop-staging-data-network', subnet_ids: stack.resources(Subnet).map(({ address }) => `\${${address}.id}`) });
  });

  it('has no way to the internet: one route table without a route, and no gateway', () => {
    expect(stack.resource(RouteTable)).not.toHaveProperty('route');
    expect(stack.resources(RouteTableAssociation)).toHaveLength(3);
    expect([...stack.resources(InternetGateway), ...stack.resources(NatGateway)]).toEqual([]);
  });

  it('admits the clients\' security group only, on one port, with rules that are resources of their own', () => {
    const databases = stack.resources(SecurityGroup).find(({ arguments: { name } }) => name === 'shop-staging-data-network-databases')?.address;
    const clients = stack.resources(SecurityGroup).find(({ arguments: { name } }) => name === 'shop-staging-data-network-clients')?.address;
    const toDatabases = stack.resources(VpcSecurityGroupIngressRule).filter(({ arguments: { security_group_id } }) => security_group_id === `\${${databases}.id}`);
    expect(toDatabases.map(({ arguments: args }) => args)).toEqual([
      { security_group_id: `\${${databases}.id}`, referenced_security_group_id: `\${${clients}.id}`, ip_protocol: 'tcp', from_port: 5432, to_port: 5432, description: 'clients' },
    ]);
    for (const group of stack.resources(SecurityGroup)) expect(Object.keys(group.arguments)).not.toEqual(expect.arrayContaining(['ingress']));
    expect(stack.resources(VpcSecurityGroupEgressRule).map(({ arguments: { security_group_id, description } }) => [security_group_id, description])).toEqual([
      [`\${${clients}.id}`, 'Databases'], [`\${${clients}.id}`, 'AWS services'], [`\${${clients}.id}`, 'S3'],
    ]);
  });

  it('closes the default security group', () => {
    expect(Object.keys(stack.resource(DefaultSecurityGroup))).toEqual(['vpc_id']);
  });

  it('reaches the services that a program beside a private database needs, for callers of this account', () => {
    const endpoints = stack.resources(VpcEndpoint).map(({ arguments: args }) => args);
    expect(endpoints.map(({ service_name, vpc_endpoint_type, subnet_ids }) => [service_name, vpc_endpoint_type, subnet_ids?.length]).sort(([a], [b]) => (a < b ? -1 : 1))).toEqual([
      ['com.amazonaws.eu-central-1.kms', 'Interface', 3], ['com.amazonaws.eu-central-1.logs', 'Interface', 3], ['com.amazonaws.eu-central-1.s3', 'Gateway', undefined],
      ['com.amazonaws.eu-central-1.secretsmanager', 'Interface', 3], ['com.amazonaws.eu-central-1.ssm', 'Interface', 3],
    ]);
    for (const { policy } of endpoints) expect(JSON.parse(policy).Statement[0].Condition).toEqual({ StringEquals: { 'aws:PrincipalAccount': '123456789012' } });
  });

  it('records flows in an encrypted log group that is kept as long as the environment says', () => {
    const group = stack.resources(CloudwatchLogGroup)[0];
    expect(group?.arguments).toEqual({ name: '/aws/vpc/flow-logs/shop-staging-data-network-flow-logs', kms_key_id: KEY, retention_in_days: 90 });
    expect(stack.resource(FlowLog)).toMatchObject({ traffic_type: 'ALL', log_destination: `\${${group?.address}.arn}` });
  });

  it('uses the key of the stack where none is given', () => {
    const own = testStack();
    new DatabaseNetwork(own, 'Network');
    expect(synthesizeStack(own).resource(CloudwatchLogGroup).kms_key_id).toMatch(/^\$\{aws_kms_key\.EncryptionKey_[0-9A-F]{8}\.arn\}$/);
  });

  it('admits named sources, whose names are their addresses', () => {
    const rules = made({ sources: { peered: NetworkSource.securityGroup('sg-0a1b'), office: NetworkSource.cidr('10.20.0.0/16'), v6: NetworkSource.cidr('2001:db8::/48') } }).resources(VpcSecurityGroupIngressRule);
    expect(Object.fromEntries(rules.map(({ address, arguments: args }) => [address.replace(/_[0-9A-F]{8}$/, ''), args.referenced_security_group_id ?? args.cidr_ipv4 ?? args.cidr_ipv6]))).toMatchObject({
      'aws_vpc_security_group_ingress_rule.Network_Sources_peered': 'sg-0a1b',
      'aws_vpc_security_group_ingress_rule.Network_Sources_office': '10.20.0.0/16',
      'aws_vpc_security_group_ingress_rule.Network_Sources_v6': '2001:db8::/48',
    });
  });

  it('keeps addresses and networks of the other zones when one goes', () => {
    const subnets = (zones: readonly string[]): Record<string, string> => Object.fromEntries(made({ zones }).resources(Subnet).map(({ address, arguments: { cidr_block } }) => [address, cidr_block]));
    const all = subnets(['eu-central-1a', 'eu-central-1b', 'eu-central-1c']);
    expect(all).toMatchObject(subnets(['eu-central-1c', 'eu-central-1b']));
  });

  it('takes values that only Terraform knows', () => {
    const token = (): string => Lazy.stringValue({ produce: () => '${data.aws_x.y.z}' });
    const rules = made({ sources: { peered: NetworkSource.securityGroup(token()), office: NetworkSource.cidr(token()) }, port: Lazy.numberValue({ produce: () => 6000 }) }).resources(VpcSecurityGroupIngressRule);
    expect(rules.map(({ arguments: args }) => args.from_port)).toContain(6000);
  });
});

describe('DatabaseNetwork refuses', () => {
  it.each(['0.0.0.0/0', '0.0.0.0/1', '128.0.0.0/1', '::/0', '2000::/3'])('a source that is everybody: %s', (cidr) => {
    refused({ sources: { all: NetworkSource.cidr(cidr) } }, 'database-network/open-source', `database-network/open-source  at staging-data/Network

  Source all is ${cidr}. A source names somebody; a network wider than /${cidr.includes(':') ? 32 : 8} does not, and databases are never open to everybody.

  Name the callers: NetworkSource.securityGroup('sg-…') or the network they come from.`);
  });

  it('everything that is wrong, at once', () => {
    refused({ cidr: '10.0.0.1/16', port: 80, zones: ['eu-central-1a'], sources: { A: NetworkSource.cidr('10.0.0.0/8'), b: NetworkSource.cidr('x'), c: NetworkSource.securityGroup('x') } }, [
      'database-network/cidr', 'database-network/port', 'database-network/zones', 'database-network/source-name', 'database-network/source', 'database-network/source',
    ], `database-network/cidr  at staging-data/Network

  cidr is "10.0.0.1/16"; a network of IPv4 addresses from /16 to /24 is needed, with no bit set behind the prefix.

  For instance cidr: '10.20.0.0/16'.

database-network/port  at staging-data/Network

  port is 80; RDS takes 1150 to 65535.

  Leave it out for 5432.

database-network/zones  at staging-data/Network

  zones holds only eu-central-1a; databases need subnets in at least 2 zones.

  Leave it out for the zones of the environment.

database-network/source-name  at staging-data/Network

  "A" cannot be the name of a source: lower-case letters, digits and hyphens are allowed, with a letter in front.

  The name becomes part of the address of the rule; choose one that stays.

database-network/source  at staging-data/Network

  "x" of source b is not a network, or has bits set behind its prefix.

  For instance NetworkSource.cidr('10.20.0.0/16').

database-network/source  at staging-data/Network

  "x" of source c is not the id of a security group.

  For instance NetworkSource.securityGroup('sg-0123456789abcdef0').`);
  });

  it('addresses and zones that only Terraform knows, because ids and networks are made of them', () => {
    refused({ cidr: Lazy.stringValue({ produce: () => 'x' }), zones: ['eu-central-1a', Lazy.stringValue({ produce: () => 'x' })] }, ['database-network/cidr-unknown', 'database-network/zone'], `database-network/cidr-unknown  at staging-data/Network

  cidr is a value that only Terraform knows, and the subnets are cut out of it at synthesis.

  Give it as text, for instance cidr: '10.20.0.0/16'.

database-network/zone  at staging-data/Network

  A zone that only Terraform knows cannot be a zone here: the letter at its end becomes part of the address of its subnet.

  Give names such as "eu-central-1a".`);
  });

  it('zones that are not of the region, or come twice', () => {
    refused({ zones: ['a', 'eu-west-1b', 'eu-central-1c', 'eu-central-1c', 'eu-central-1-ham-1a'] }, ['database-network/zone', 'database-network/zone', 'database-network/zone-twice', 'database-network/zone'], `database-network/zone  at staging-data/Network

  "a" is not a zone of eu-central-1.

  Give the whole name: "eu-central-1a".

database-network/zone  at staging-data/Network

  "eu-west-1b" is not a zone of eu-central-1.

  Give zones such as "eu-central-1a"; the ones of your account: aws ec2 describe-availability-zones --region eu-central-1

database-network/zone-twice  at staging-data/Network

  eu-central-1c is given twice; a zone has one subnet.

  Remove one.

database-network/zone  at staging-data/Network

  "eu-central-1-ham-1a" is not a zone of eu-central-1.

  Give zones such as "eu-central-1a"; the ones of your account: aws ec2 describe-availability-zones --region eu-central-1`);
  });

  it('a name that is taken', () => {
    refused({ sources: { clients: NetworkSource.cidr('10.0.0.0/8') } }, 'database-network/source-twice', `database-network/source-twice  at staging-data/Network

  There is a source clients already: the members of clientSecurityGroupId.

  Choose another name.`);
  });
});

describe('an imported network', () => {
  const ALL = { vpcId: 'vpc-1', subnetGroupName: 'g', subnetIds: ['s-1'], zones: ['eu-central-1a'], securityGroupId: 'sg-1', clientSecurityGroupId: 'sg-2' };

  it('gives what it was given, and makes nothing', () => {
    const stack = testStack();
    const { vpcId, subnetGroupName, subnetIds, zones, securityGroupId, clientSecurityGroupId, port } = DatabaseNetwork.fromDatabaseNetworkAttributes(stack, 'Network', ALL);
    expect({ vpcId, subnetGroupName, subnetIds, zones, securityGroupId, clientSecurityGroupId, port }).toEqual({ ...ALL, port: 5432 });
    expect(synthesizeStack(stack).addresses()).toEqual([]);
  });

  it.each(Object.keys(ALL) as (keyof typeof ALL)[])('names %s when it is missing and needed', (name) => {
    const network = DatabaseNetwork.fromDatabaseNetworkAttributes(testStack(), 'Network', { ...ALL, [name]: undefined });
    expectRefusal(() => network[name], 'database-network/missing-attribute', `database-network/missing-attribute  at staging-data/Network

  ${name} of this imported DatabaseNetwork is needed, and it was not given.

  Give it: DatabaseNetwork.fromDatabaseNetworkAttributes(…, { ${name}: … })`);
  });

  it('gives what a made one has', () => {
    const stack = testStack();
    const network = new DatabaseNetwork(stack, 'Network');
    const imported = DatabaseNetwork.fromDatabaseNetworkAttributes(stack, 'Imported', network);
    new TerraformOutput(stack, 'made', { value: [network.vpcId, network.subnetGroupName, network.securityGroupId] }).overrideLogicalId('made');
    new TerraformOutput(stack, 'imported', { value: [imported.vpcId, imported.subnetGroupName, imported.securityGroupId] }).overrideLogicalId('imported');
    const { made: a, imported: b } = synthesizeStack(stack).json.output;
    expect(b).toEqual(a);
  });
});

import { inside, overlap } from './addresses';
import { changes, type Check, isOn, type Rules, text, uniqueName, usedBy } from './rules';

const DEPENDENCY = (what: string) => (_user: string, own: string): string => `DependencyViolation: The ${what} '${own}' has dependencies and cannot be deleted.`;

const SOURCES = ['cidr_ipv4', 'cidr_ipv6', 'prefix_list_id', 'referenced_security_group_id'] as const;
/** The same kind of source changes in place, another kind does not. */
const groupRule: Rules = {
  plan: ({ prior, planned }) => {
    const kind = (object: typeof prior): string | undefined => SOURCES.find((name) => (object[name] ?? null) !== null);
    return kind(prior) === kind(planned) ? [] : SOURCES.filter((name) => changes({ prior, planned }, name));
  },
};

/** A subnet lies in the addresses of its VPC, and beside the others. */
const addresses: Check = ({ object, store, region }) => {
  const own = text(object['cidr_block']);
  const vpc = store.list('aws_vpc', region).find(({ id }) => id === object['vpc_id']);
  const more = store.list('aws_vpc_ipv4_cidr_block_association', region).filter(({ vpc_id }) => vpc_id === object['vpc_id']);
  if (vpc !== undefined && ![vpc, ...more].some(({ cidr_block }) => inside(own, text(cidr_block)))) return { summary: `creating EC2 Subnet: InvalidSubnet.Range: The CIDR '${own}' is invalid.`, detail: `${text(vpc['id'])} has the addresses ${text(vpc['cidr_block'])}.` };
  const other = store.list('aws_subnet', region).find(({ vpc_id, cidr_block }) => vpc_id === object['vpc_id'] && overlap(own, text(cidr_block)));
  return other === undefined ? undefined : { summary: `creating EC2 Subnet: InvalidSubnet.Conflict: The CIDR '${own}' conflicts with another subnet`, detail: `${text(other['id'])} has the addresses ${text(other['cidr_block'])}.` };
};

const inVpc = (type: string) => usedBy(type, 'vpc_id', 'EC2 VPC', DEPENDENCY('vpc'));
const inSubnet = (type: string, argument: string) => usedBy(type, argument, 'EC2 Subnet', DEPENDENCY('subnet'));
const inGroup = (type: string, argument: string) => usedBy(type, argument, 'Security Group', (_user, own) => `DependencyViolation: resource ${own} has a dependent object`);

/** Plan rules: internal/service/ec2 of the provider; words: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html */
export const NETWORK: Readonly<Record<string, Rules>> = {
  aws_vpc: {
    plan: (change) => (changes(change, 'instance_tenancy') && text(change.planned['instance_tenancy']) !== 'default' ? ['instance_tenancy'] : []),
    recomputed: { ipv6_association_id: ['assign_generated_ipv6_cidr_block'], ipv6_cidr_block: ['assign_generated_ipv6_cidr_block'] },
    delete: ['aws_subnet', 'aws_security_group', 'aws_vpc_endpoint', 'aws_internet_gateway', 'aws_route_table', 'aws_network_acl'].map(inVpc),
  },
  aws_subnet: {
    plan: (change) => (changes(change, 'ipv6_cidr_block') && isOn(change.prior['assign_ipv6_address_on_creation']) ? ['ipv6_cidr_block'] : []),
    create: [addresses],
    delete: [inSubnet('aws_vpc_endpoint', 'subnet_ids'), inSubnet('aws_nat_gateway', 'subnet_id')],
  },
  aws_security_group: {
    create: [uniqueName(['name', 'vpc_id'], (name, { vpc_id }) => `creating Security Group (${name}): InvalidGroup.Duplicate: The security group '${name}' already exists for VPC '${text(vpc_id)}'`)],
    delete: [inGroup('aws_vpc_security_group_ingress_rule', 'referenced_security_group_id'), inGroup('aws_vpc_security_group_egress_rule', 'referenced_security_group_id'), inGroup('aws_rds_cluster', 'vpc_security_group_ids'), inGroup('aws_db_instance', 'vpc_security_group_ids'), inGroup('aws_vpc_endpoint', 'security_group_ids')],
  },
  aws_vpc_security_group_ingress_rule: groupRule,
  aws_vpc_security_group_egress_rule: groupRule,
  aws_vpc_endpoint: {
    plan: (change) => (changes(change, 'private_dns_enabled') && text(change.planned['vpc_endpoint_type']) !== 'Interface' ? ['private_dns_enabled'] : []),
    recomputed: { network_interface_ids: ['subnet_ids', 'subnet_configuration'] },
  },
  aws_route_table_association: { taken: (key) => `creating Route Table Association: Resource.AlreadyAssociated: the specified association already exists: ${key}` },
  aws_nat_gateway: {
    validate: ({ connectivity_type, allocation_id }) => (connectivity_type === 'private' && allocation_id !== null ? { summary: '`allocation_id` is not supported with connectivity_type = "private"', detail: '', path: 'allocation_id' } : undefined),
  },
  aws_internet_gateway: { delete: [usedBy('aws_nat_gateway', 'vpc_id', 'EC2 Internet Gateway', () => 'DependencyViolation: Network has some mapped public address(es).', 'vpc_id')] },
  aws_route53_zone: {
    delete: [(at) => (isOn(at.object['force_destroy']) ? undefined : usedBy('aws_route53_record', 'zone_id', 'Route53 Hosted Zone', () => 'HostedZoneNotEmpty: The specified hosted zone contains non-required resource record sets and so cannot be deleted.')(at))],
  },
};

import type { Construct } from 'constructs';
import { isKnown } from '../construct/known';
import { type Ipv4Block, ipv6Prefix, parseIpv4Block } from '../core/cidr';
import { type Complaint, Complaints } from '../core/errors';
import { shown, shownFirst } from '../core/shown';
import { holdsToken } from '../core/tokens';
import type { DatabaseNetworkProps } from './database-network';
import { isNetworkSource, type NetworkSource } from './source';

/** AWS allows /16 to /28 for a VPC; 16 subnets of at least /28 need 4 bits. */
const VPC_PREFIX = { min: 16, max: 24 };
/** Wider sources are not a name of somebody, they are half the internet. */
const WIDEST = { ipv4: 8, ipv6: 32 };
const SOURCE_NAME = /^[a-z][a-z0-9-]*$/;

export function validateNetwork(scope: Construct, props: DatabaseNetworkProps, zones: readonly string[], region: string): void {
  const complaints = new Complaints();
  const add = (complaint: Complaint): void => complaints.add({ at: scope.node.path, ...complaint });
  const { cidr, port } = props;
  if (isKnown(cidr) && vpcBlock(cidr) === undefined) {
    add({ code: 'database-network/cidr', problem: `cidr is ${JSON.stringify(cidr)}; a network of IPv4 addresses from /${VPC_PREFIX.min} to /${VPC_PREFIX.max} is needed, with no bit set behind the prefix.`, fix: "For instance cidr: '10.20.0.0/16'." });
  } else if (cidr !== undefined && !isKnown(cidr)) {
    add({ code: 'database-network/cidr-unknown', problem: 'cidr is a value that only Terraform knows, and the subnets are cut out of it at synthesis.', fix: "Give it as text, for instance cidr: '10.20.0.0/16'." });
  }
  if (isKnown(port) && (!Number.isInteger(port) || port < 1150 || port > 65_535)) {
    add({ code: 'database-network/port', problem: `port is ${shown(port)}; RDS takes 1150 to 65535.`, fix: 'Leave it out for 5432.' });
  }
  if (zones.length < 2) {
    add({ code: 'database-network/zones', problem: `zones holds ${zones.length === 0 ? 'nothing' : `only ${zones.join()}`}; databases need subnets in at least 2 zones.`, fix: 'Leave it out for the zones of the environment.' });
  }
  zones.flatMap((zone, i) => zoneComplaints(zone, zones.indexOf(zone) !== i, region)).forEach(add);
  for (const [name, source] of Object.entries(props.sources ?? {})) sourceComplaints(name, source).forEach(add);
  complaints.throwIfAny();
}

function zoneComplaints(zone: string, twice: boolean, region: string): Complaint[] {
  if (!isKnown(zone)) return [{ code: 'database-network/zone', problem: 'A zone that only Terraform knows cannot be a zone here: the letter at its end becomes part of the address of its subnet.', fix: `Give names such as "${region}a".` }];
  if (twice) return [{ code: 'database-network/zone-twice', problem: `${zone} is given twice; a zone has one subnet.`, fix: 'Remove one.' }];
  if (new RegExp(`^${region}[a-p]$`).test(zone)) return [];
  const meant = /^[a-p]$/.test(zone) ? `Give the whole name: "${region}${zone}".` : `Give zones such as "${region}a"; the ones of your account: aws ec2 describe-availability-zones --region ${region}`;
  return [{ code: 'database-network/zone', problem: `${JSON.stringify(zone)} is not a zone of ${region}.`, fix: meant }];
}

export const vpcBlock = (cidr: string): Ipv4Block | undefined => {
  const block = parseIpv4Block(cidr);
  return block !== undefined && block.prefix >= VPC_PREFIX.min && block.prefix <= VPC_PREFIX.max ? block : undefined;
};

export function sourceComplaints(name: string, source: NetworkSource): Complaint[] {
  if (holdsToken(name) || !SOURCE_NAME.test(name)) {
    return [{ code: 'database-network/source-name', problem: `${JSON.stringify(name)} cannot be the name of a source: lower-case letters, digits and hyphens are allowed, with a letter in front.`, fix: 'The name becomes part of the address of the rule; choose one that stays.' }];
  }
  if (!isNetworkSource(source)) {
    return [{ code: 'database-network/source', problem: `${shownFirst(source)} of source ${name} does not say what it is.`, fix: "NetworkSource.cidr('10.20.0.0/16') or NetworkSource.securityGroup('sg-0123456789abcdef0')." }];
  }
  if ('securityGroupId' in source) {
    return !isKnown(source.securityGroupId) || /^(\d{12}\/)?sg-[0-9a-f]+$/.test(source.securityGroupId) ? [] : [{ code: 'database-network/source', problem: `${JSON.stringify(source.securityGroupId)} of source ${name} is not the id of a security group.`, fix: "For instance NetworkSource.securityGroup('sg-0123456789abcdef0')." }];
  }
  const { cidr } = source;
  if (!isKnown(cidr)) return [];
  const ipv6 = ipv6Prefix(cidr);
  const prefix = ipv6 ?? parseIpv4Block(cidr)?.prefix;
  if (prefix === undefined) return [{ code: 'database-network/source', problem: `${JSON.stringify(cidr)} of source ${name} is not a network, or has bits set behind its prefix.`, fix: "For instance NetworkSource.cidr('10.20.0.0/16')." }];
  const widest = ipv6 === undefined ? WIDEST.ipv4 : WIDEST.ipv6;
  return prefix >= widest ? [] : [{
    code: 'database-network/open-source',
    problem: `Source ${name} is ${cidr}. A source names somebody; a network wider than /${widest} does not, and databases are never open to everybody.`,
    fix: "Name the callers: NetworkSource.securityGroup('sg-…') or the network they come from.",
  }];
}

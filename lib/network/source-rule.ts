import { VpcSecurityGroupIngressRule } from '@cdktf/provider-aws/lib/vpc-security-group-ingress-rule';
import type { Construct } from 'constructs';
import { ipv6Prefix } from '../core/cidr';
import { type Complaint, TenantryError } from '../core/errors';
import type { NetworkSource } from './source';
import { sourceComplaints } from './validate';

export interface AdmittingGroup {
  readonly securityGroupId: string;
  readonly port: number;
}

/** One source, one rule, addressed by the name of the source. */
export function admitSource(sources: Construct, at: string, name: string, source: NetworkSource, { securityGroupId, port }: AdmittingGroup): VpcSecurityGroupIngressRule {
  const complaints: Complaint[] = sourceComplaints(name, source);
  if (sources.node.tryFindChild(name) !== undefined) {
    complaints.push({ code: 'database-network/source-twice', problem: `There is a source ${name} already${name === 'clients' ? ': the members of clientSecurityGroupId' : ''}.`, fix: 'Choose another name.' });
  }
  if (complaints.length > 0) throw new TenantryError('input', complaints.map((complaint) => ({ ...complaint, at })));
  return new VpcSecurityGroupIngressRule(sources, name, { securityGroupId, ...senderOf(source), ipProtocol: 'tcp', fromPort: port, toPort: port, description: name });
}

/** In the argument of the rule that takes it. */
function senderOf(source: NetworkSource): { readonly referencedSecurityGroupId: string } | { readonly cidrIpv6: string } | { readonly cidrIpv4: string } {
  if ('securityGroupId' in source) return { referencedSecurityGroupId: source.securityGroupId };
  return ipv6Prefix(source.cidr) === undefined ? { cidrIpv4: source.cidr } : { cidrIpv6: source.cidr };
}

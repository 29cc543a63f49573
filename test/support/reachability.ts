import { VpcSecurityGroupEgressRule } from '@cdktf/provider-aws/lib/vpc-security-group-egress-rule';
import { VpcSecurityGroupIngressRule } from '@cdktf/provider-aws/lib/vpc-security-group-ingress-rule';
import type { SynthesizedStack } from './synth';

export interface Connected {
  readonly stack: SynthesizedStack;
  /** Security groups of everything that there is, by what it is. */
  readonly members: Readonly<Record<string, readonly string[]>>;
}

/** AWS's rule: one of the sender's groups lets it out, and one of the receiver's groups lets it in. Rules by address are not looked at. */
function reaches({ stack, members }: Connected, from: string, to: string): number[] {
  const rules = (type: typeof VpcSecurityGroupEgressRule | typeof VpcSecurityGroupIngressRule, own: string, other: string): number[] => stack.resources(type)
    .filter(({ arguments: args }) => members[own]?.includes(args.security_group_id) && members[other]?.includes(args.referenced_security_group_id))
    .map(({ arguments: { from_port, to_port } }) => (from_port === to_port ? from_port : Number.NaN));
  const letIn = rules(VpcSecurityGroupIngressRule, to, from);
  return rules(VpcSecurityGroupEgressRule, from, to).filter((port) => letIn.includes(port));
}

/** Everybody who reaches somebody, and on which port. */
export const reachability = (connected: Connected): string[] => {
  const all = Object.keys(connected.members);
  return all.flatMap((from) => all.flatMap((to) => reaches(connected, from, to).map((port) => `${from} → ${to} ${port}`))).sort();
};

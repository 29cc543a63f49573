import { each, finding, type Judgement, pass, type Rule, unknown } from '../rule';
import type { StackResource, SynthesizedStack } from '../stack';

export const noOpenIngress: Rule = {
  id: 'no-open-ingress',
  requires: 'No security group admits everybody.',
  why: 'A source names somebody; a network wider than /8 names nobody.',
  check: (stack) => [
    ...each(stack, ['aws_vpc_security_group_ingress_rule'], (rule) => judge(stack, rule, [rule.arguments.cidr_ipv4, rule.arguments.cidr_ipv6])),
    ...each(stack, ['aws_security_group', 'aws_default_security_group'], (group) => judgeInline(stack, group, group.arguments.ingress)),
    ...stack.resources('aws_security_group_rule').filter(({ arguments: { type } }) => type !== 'egress').map((rule) => judge(stack, rule, [rule.arguments.cidr_blocks, rule.arguments.ipv6_cidr_blocks].flat())),
  ],
};

const WIDEST = { ipv4: 8, ipv6: 32 };

function judgeInline(stack: SynthesizedStack, group: StackResource, ingress: unknown): Judgement {
  if (typeof ingress === 'string') return unknown(group, `ingress is ${ingress}.`);
  const blocks = (Array.isArray(ingress) ? ingress : ingress === undefined || ingress === null ? [] : [ingress]) as readonly { cidr_blocks?: unknown; ipv6_cidr_blocks?: unknown }[];
  return judge(stack, group, blocks.flatMap((block) => [block.cidr_blocks, block.ipv6_cidr_blocks].flat()));
}

function judge(stack: SynthesizedStack, resource: StackResource, sources: readonly unknown[]): Judgement {
  for (const source of sources) {
    const cidr = stack.known<string>(source);
    if (cidr.is === 'unknown') return unknown(resource, `A source is ${cidr.expression}.`);
    if (cidr.is === 'absent') continue;
    const prefix = Number(cidr.value.split('/')[1] ?? Number.NaN);
    if (Number.isNaN(prefix)) return unknown(resource, `A source is ${JSON.stringify(cidr.value)}, which is not a network.`);
    if (prefix < (cidr.value.includes(':') ? WIDEST.ipv6 : WIDEST.ipv4)) return finding(resource, 'open', `${cidr.value} is admitted.`, 'Name the callers: a security group, or the network they come from.');
  }
  return pass(resource);
}

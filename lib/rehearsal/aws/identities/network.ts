import { by, type Identities, type Identity, invented, Literal, named, of, part } from './identity';

const ec2 = (prefix: string, resource: string, more: Identity['attributes'] = {}): Identity => invented(`${prefix}-{hex:17}`, `arn:{partition}:ec2:{region}:{account}:${resource}/{id}`, { owner_id: '{account}', ...more });
const vpcOf = (subnets: string) => of('aws_subnet', 'id', subnets, 'vpc_id');
const rule = ec2('sgr', 'security-group-rule', { security_group_rule_id: '{id}' });
/** https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html: full access unless a policy is given. */
const FULL_ACCESS = '{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"}],"Version":"2008-10-17"}';

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html; defaults: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/ */
export const NETWORK: Identities = {
  aws_vpc: ec2('vpc', 'vpc', {
    main_route_table_id: 'rtb-{hex:17}', default_route_table_id: 'rtb-{hex:17}', default_security_group_id: 'sg-{hex:17}', default_network_acl_id: 'acl-{hex:17}', dhcp_options_id: 'dopt-{hex:17}',
    enable_dns_hostnames: false, enable_network_address_usage_metrics: false, ipv6_association_id: '', ipv6_cidr_block: '', ipv6_cidr_block_network_border_group: '',
  }),
  aws_subnet: ec2('subnet', 'subnet', { availability_zone: '{region}a', private_dns_hostname_type_on_launch: 'ip-name', ipv6_cidr_block: '', ipv6_cidr_block_association_id: '' }),
  aws_security_group: ec2('sg', 'security-group', { name_prefix: '' }),
  // That of the VPC is taken over, not made.
  aws_default_security_group: { ...ec2('sg', 'security-group', { name: 'default', description: 'default VPC security group', name_prefix: '', groupOfVpc: of('aws_vpc', 'id', 'vpc_id', 'default_security_group_id', 'sg-{hex:17}') }), id: '{groupOfVpc}' },
  aws_vpc_security_group_ingress_rule: rule,
  aws_vpc_security_group_egress_rule: rule,
  aws_route_table: ec2('rtb', 'route-table'),
  aws_route_table_association: { ...invented('rtbassoc-{hex:17}'), importAs: '{subnet_id}/{route_table_id}' },
  aws_route: { ...invented('r-{route_table_id}{digits:10}', undefined, { origin: 'CreateRoute', state: 'active', instance_id: '', instance_owner_id: '' }), importAs: '{route_table_id}_{destination_cidr_block}' },
  aws_internet_gateway: ec2('igw', 'internet-gateway'),
  aws_nat_gateway: invented('nat-{hex:17}', undefined, { network_interface_id: 'eni-{hex:17}', vpc_id: vpcOf('subnet_id'), association_id: by('connectivity_type', { private: '' }, 'eipassoc-{hex:17}') }),
  aws_network_acl: ec2('acl', 'network-acl'),
  aws_eip: invented('eipalloc-{hex:17}', 'arn:{partition}:ec2:{region}:{account}:elastic-ip/{id}', { allocation_id: '{id}', domain: 'vpc', association_id: '', carrier_ip: '', customer_owned_ip: '', private_ip: '' }),
  aws_vpc_endpoint: ec2('vpce', 'vpc-endpoint', {
    state: 'available', requester_managed: false, private_dns_enabled: false, service_region: '{region}', ip_address_type: 'ipv4', policy: FULL_ACCESS, prefix_list_id: by('vpc_endpoint_type', { Gateway: 'pl-{hex:8}' }, ''),
  }),
  aws_vpc_peering_connection: invented('pcx-{hex:17}', undefined, { accept_status: by('auto_accept', { true: 'active' }, 'pending-acceptance') }),
  // https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html: the fields of version 2, in this order.
  aws_flow_log: invented('fl-{hex:17}', 'arn:{partition}:ec2:{region}:{account}:vpc-flow-log/{id}', {
    log_format: new Literal('${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${packets} ${bytes} ${start} ${end} ${action} ${log-status}'),
  }),
  aws_ec2_tag: part('{resource_id},{key}'),
  aws_route53_zone: invented('Z{letters:20}', 'arn:{partition}:route53:::hostedzone/{id}', { zone_id: '{id}' }),
  aws_route53_record: { ...part('{zone_id}_{name}_{type}', { fqdn: '{name}' }), importAs: '{zone_id}_{name}_{type}_{set_identifier}' },
  aws_route53_health_check: invented('{uuid}', 'arn:{partition}:route53:::healthcheck/{id}'),
  aws_acm_certificate: { ...invented('arn:{partition}:acm:{region}:{account}:certificate/{uuid}', '{id}', { type: by('private_key', {}, 'AMAZON_ISSUED'), status: 'PENDING_VALIDATION', pending_renewal: false, renewal_eligibility: 'INELIGIBLE', key_algorithm: 'RSA_2048' }) },
  aws_api_gateway_rest_api: invented('{hex:10}', 'arn:{partition}:apigateway:{region}::/restapis/{id}', { execution_arn: 'arn:{partition}:execute-api:{region}:{account}:{id}', root_resource_id: '{letters:10}' }),
  aws_api_gateway_deployment: { ...invented('{hex:6}'), importAs: '{rest_api_id}/{id}' },
  aws_api_gateway_stage: {
    ...part('ags-{rest_api_id}-{stage_name}', {
      arn: 'arn:{partition}:apigateway:{region}::/restapis/{rest_api_id}/stages/{stage_name}', execution_arn: 'arn:{partition}:execute-api:{region}:{account}:{rest_api_id}/{stage_name}',
      invoke_url: 'https://{rest_api_id}.execute-api.{region}.amazonaws.com/{stage_name}', web_acl_arn: '',
    }),
    importAs: '{rest_api_id}/{stage_name}',
  },
  aws_api_gateway_api_key: invented('{hex:10}', 'arn:{partition}:apigateway:{region}::/apikeys/{id}'),
  aws_api_gateway_usage_plan: invented('{hex:6}', 'arn:{partition}:apigateway:{region}::/usageplans/{id}'),
  aws_api_gateway_usage_plan_key: { ...part('{key_id}'), importAs: '{usage_plan_id}/{key_id}' },
  aws_api_gateway_method_settings: { ...part('{rest_api_id}-{stage_name}-{method_path}'), importAs: '{rest_api_id}/{stage_name}/{method_path}' },
  aws_wafv2_web_acl: { ...invented('{uuid}', 'arn:{partition}:wafv2:{region}:{account}:regional/webacl/{name}/{id}', { lock_token: '{uuid}' }), importAs: '{id}/{name}/{scope}' },
  aws_wafv2_web_acl_association: part('{web_acl_arn},{resource_arn}'),
  aws_ram_resource_share: invented('arn:{partition}:ram:{region}:{account}:resource-share/{uuid}', '{id}'),
  aws_db_subnet_group: named('name', 'arn:{partition}:rds:{region}:{account}:subgrp:{name}', { supported_network_types: ['IPV4'], vpc_id: vpcOf('subnet_ids') }),
};

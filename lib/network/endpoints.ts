import { VpcEndpoint } from '@cdktf/provider-aws/lib/vpc-endpoint';
import type { Construct } from 'constructs';
import { policyDocument, type PolicyStatement } from '../construct/policy-document';
import { EnvironmentStack } from '../environment/environment-stack';

/** AWS services that can be reached from inside without a way to the internet. */
export const ENDPOINT_SERVICES = ['secretsmanager', 'kms', 'logs', 'ssm', 'rds-data', 'sts', 'ecr.api', 'ecr.dkr'] as const;
export type EndpointService = (typeof ENDPOINT_SERVICES)[number];

/**
 * What a program beside a private database needs: the master secret (`secretsmanager`, and `kms` for its key), the address of the manifest (`ssm`),
 * and a place to log to (`logs`). The manifest itself comes through the gateway of S3, which costs nothing.
 */
export const STANDARD_ENDPOINTS: readonly EndpointService[] = ['secretsmanager', 'kms', 'logs', 'ssm'];

/** What a task of ECS or CodeBuild needs besides: its image, whose layers come through the gateway of S3. */
export const IMAGE_ENDPOINTS: readonly EndpointService[] = ['ecr.api', 'ecr.dkr'];

export interface EndpointPlace {
  readonly vpcId: string;
  readonly subnetIds: readonly string[];
  readonly securityGroupId: string;
  readonly routeTableId: string;
}

/**
 * Private endpoints that serve callers of this account only.
 *
 * @returns the gateway of S3, which security groups name by its prefix list
 */
export function makeEndpoints(scope: Construct, services: readonly EndpointService[], place: EndpointPlace): VpcEndpoint {
  const { environment } = EnvironmentStack.of(scope);
  const callers: PolicyStatement = {
    Sid: 'CallersOfThisAccount', Effect: 'Allow', Principal: '*', Action: '*', Resource: '*', Condition: { StringEquals: { 'aws:PrincipalAccount': environment.account } },
  };
  const policy = policyDocument(callers);
  // ECR signs the addresses of layers itself, so that who fetches them is no caller of this account.
  const layers: PolicyStatement = {
    Sid: 'LayersOfImages', Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: `arn:${environment.partition}:s3:::prod-${environment.region}-starport-layer-bucket/*`,
  };
  const serviceName = (service: string): string => `com.amazonaws.${environment.region}.${service}`;
  const pullsImages = IMAGE_ENDPOINTS.some((service) => services.includes(service));
  const gateway = new VpcEndpoint(scope, 's3', {
    vpcId: place.vpcId,
    serviceName: serviceName('s3'),
    vpcEndpointType: 'Gateway',
    routeTableIds: [place.routeTableId],
    policy: pullsImages ? policyDocument(callers, layers) : policy,
  });
  for (const service of services) {
    new VpcEndpoint(scope, service, {
      vpcId: place.vpcId,
      serviceName: serviceName(service),
      vpcEndpointType: 'Interface',
      privateDnsEnabled: true,
      subnetIds: place.subnetIds.slice(0, environment.profile.endpointZones),
      securityGroupIds: [place.securityGroupId],
      policy,
    });
  }
  return gateway;
}

import { DbSubnetGroup } from '@cdktf/provider-aws/lib/db-subnet-group';
import { DefaultSecurityGroup } from '@cdktf/provider-aws/lib/default-security-group';
import { RouteTable } from '@cdktf/provider-aws/lib/route-table';
import { RouteTableAssociation } from '@cdktf/provider-aws/lib/route-table-association';
import { SecurityGroup } from '@cdktf/provider-aws/lib/security-group';
import { Subnet } from '@cdktf/provider-aws/lib/subnet';
import { Vpc } from '@cdktf/provider-aws/lib/vpc';
import { VpcSecurityGroupEgressRule } from '@cdktf/provider-aws/lib/vpc-security-group-egress-rule';
import { VpcSecurityGroupIngressRule } from '@cdktf/provider-aws/lib/vpc-security-group-ingress-rule';
import { Construct } from 'constructs';
import { required } from '../construct/imported';
import { useQuota } from '../construct/quota';
import { type Ipv4Block, subnetBlock } from '../core/cidr';
import { EncryptionKey } from '../encryption/encryption-key';
import type { IEncryptionKey } from '../encryption/encryption-key-ref';
import { EnvironmentStack } from '../environment/environment-stack';
import { physicalName } from '../environment/physical-name';
import type { DatabaseNetworkAttributes, IDatabaseNetwork, NetworkServices } from './database-network-ref';
import { type EndpointService, makeEndpoints, STANDARD_ENDPOINTS } from './endpoints';
import { FlowLogs } from './flow-logs';
import type { NetworkSource } from './source';
import { admitSource } from './source-rule';
import { validateNetwork, vpcBlock } from './validate';

export interface DatabaseNetworkProps {
  /**
   * Addresses of the network, /16 to /24. Networks that are to be peered must not overlap.
   *
   * @default '10.0.0.0/16'
   */
  readonly cidr?: string;
  /**
   * Availability zones that get a subnet each, at least 2, by their whole names: `eu-central-1a`.
   *
   * @default - the zones of the environment, three unless it says otherwise
   */
  readonly zones?: readonly string[];
  /**
   * Who may connect to every cluster that is open to the network, besides the members of `clientSecurityGroupId`, by a name that stays: it is part of the
   * rule's address. A source of one cluster is named there.
   *
   * @default - nobody else
   */
  readonly sources?: Readonly<Record<string, NetworkSource>>;
  /**
   * Port of the databases.
   *
   * @default 5432
   */
  readonly port?: number;
  /**
   * AWS services that get a private endpoint, besides S3.
   *
   * @default - Secrets Manager, KMS, CloudWatch Logs and Systems Manager
   */
  readonly endpoints?: readonly EndpointService[];
  /**
   * Encrypts the flow logs.
   *
   * @default - the key of the stack, made once
   */
  readonly encryptionKey?: IEncryptionKey;
}

const STANDARD_PORT = 5432;
const HTTPS = 443;
/** 16 blocks, one a zone letter: the block of a zone does not depend on which other zones there are. */
const ZONE_BITS = 4;

/** A VPC for databases alone: isolated subnets in several zones, no internet gateway, private endpoints, and a security group that admits named sources. */
export class DatabaseNetwork extends Construct implements IDatabaseNetwork {
  /** A network that exists. */
  static fromDatabaseNetworkAttributes(scope: Construct, id: string, attributes: DatabaseNetworkAttributes): IDatabaseNetwork {
    return new ImportedDatabaseNetwork(scope, id, attributes);
  }

  readonly vpcId: string;
  readonly subnetGroupName: string;
  readonly subnetIds: readonly string[];
  readonly zones: readonly string[];
  readonly securityGroupId: string;
  readonly clientSecurityGroupId: string;
  readonly port: number;
  readonly endpointSecurityGroupId: string;
  readonly s3PrefixListId: string;
  readonly endpoints: readonly EndpointService[];
  readonly services: NetworkServices;
  readonly resource: Vpc;
  readonly #sources: Construct;

  constructor(scope: Construct, id: string, props: DatabaseNetworkProps = {}) {
    super(scope, id);
    const { environment } = EnvironmentStack.of(this);
    this.zones = props.zones ?? environment.zones;
    this.port = props.port ?? STANDARD_PORT;
    validateNetwork(this, props, this.zones, environment.region);
    const cidr = props.cidr ?? '10.0.0.0/16';
    const name = physicalName(this, { max: 200 });

    this.resource = new Vpc(this, 'Resource', { cidrBlock: cidr, enableDnsHostnames: true, enableDnsSupport: true, tags: { Name: name } });
    this.vpcId = this.resource.id;
    new DefaultSecurityGroup(this, 'DefaultSecurityGroup', { vpcId: this.vpcId });
    const routes = new RouteTable(this, 'RouteTable', { vpcId: this.vpcId, tags: { Name: name } });
    this.subnetIds = this.zones.map((zone) => this.#makeSubnet(zone, vpcBlock(cidr) as Ipv4Block, routes));
    useQuota(this, 'DB subnet groups', 1);
    this.subnetGroupName = new DbSubnetGroup(this, 'SubnetGroup', { name, description: `Isolated subnets of ${name}`, subnetIds: [...this.subnetIds] }).name;

    const databases = this.#makeSecurityGroup('SecurityGroup', 'databases');
    const clients = this.#makeSecurityGroup('ClientSecurityGroup', 'clients', 'Programs that may connect to the databases');
    const services = this.#makeSecurityGroup('EndpointSecurityGroup', 'endpoints', 'Private endpoints of AWS services');
    this.securityGroupId = databases.id;
    this.clientSecurityGroupId = clients.id;
    const https = { ipProtocol: 'tcp', fromPort: HTTPS, toPort: HTTPS };
    new VpcSecurityGroupEgressRule(clients, 'ToDatabases', { securityGroupId: clients.id, referencedSecurityGroupId: databases.id, ipProtocol: 'tcp', fromPort: this.port, toPort: this.port, description: 'Databases' });
    new VpcSecurityGroupEgressRule(clients, 'ToEndpoints', { securityGroupId: clients.id, referencedSecurityGroupId: services.id, ...https, description: 'AWS services' });
    new VpcSecurityGroupIngressRule(services, 'FromClients', { securityGroupId: services.id, referencedSecurityGroupId: clients.id, ...https, description: 'Programs that use the databases' });

    this.#sources = new Construct(this, 'Sources');
    this.admit('clients', { securityGroupId: clients.id });
    for (const [source, from] of Object.entries(props.sources ?? {})) this.admit(source, from);

    this.endpoints = props.endpoints ?? STANDARD_ENDPOINTS;
    this.endpointSecurityGroupId = services.id;
    const s3 = makeEndpoints(new Construct(this, 'Endpoints'), this.endpoints, { vpcId: this.vpcId, subnetIds: this.subnetIds, securityGroupId: services.id, routeTableId: routes.id });
    this.s3PrefixListId = s3.prefixListId;
    this.services = { securityGroupId: services.id, s3PrefixListId: s3.prefixListId };
    new VpcSecurityGroupEgressRule(clients, 'ToS3', { securityGroupId: clients.id, prefixListId: s3.prefixListId, ...https, description: 'S3' });
    new FlowLogs(this, 'FlowLogs', { vpcId: this.vpcId, key: props.encryptionKey ?? EncryptionKey.forStack(this) });
  }

  /**
   * Lets somebody connect to every cluster that is open to the network.
   *
   * @param name - stays, because it is part of the rule's address
   */
  admit(name: string, source: NetworkSource): void {
    admitSource(this.#sources, this.node.path, name, source, { securityGroupId: this.securityGroupId, port: this.port });
  }

  #makeSubnet(zone: string, block: Ipv4Block, routes: RouteTable): string {
    const letter = zone.slice(-1);
    const subnet = new Subnet(this, `Subnet-${letter}`, {
      vpcId: this.vpcId,
      availabilityZone: zone,
      cidrBlock: subnetBlock(block, ZONE_BITS, letter.charCodeAt(0) - 'a'.charCodeAt(0)),
      mapPublicIpOnLaunch: false,
      tags: { Name: physicalName(this, { max: 200, suffix: letter }) },
    });
    new RouteTableAssociation(subnet, 'Routes', { subnetId: subnet.id, routeTableId: routes.id });
    return subnet.id;
  }

  /** Rules are resources of their own: one that is written here as well would take the others away. */
  #makeSecurityGroup(id: string, suffix: string, description = 'Databases'): SecurityGroup {
    return new SecurityGroup(this, id, { name: physicalName(this, { max: 200, suffix }), description, vpcId: this.vpcId, tags: { Name: physicalName(this, { max: 200, suffix }) } });
  }
}

class ImportedDatabaseNetwork extends Construct implements IDatabaseNetwork {
  readonly #attributes: DatabaseNetworkAttributes;

  constructor(scope: Construct, id: string, attributes: DatabaseNetworkAttributes) {
    super(scope, id);
    this.#attributes = attributes;
  }

  get vpcId(): string {
    return this.#required('vpcId');
  }

  get subnetGroupName(): string {
    return this.#required('subnetGroupName');
  }

  get subnetIds(): readonly string[] {
    return this.#required('subnetIds');
  }

  get zones(): readonly string[] {
    return this.#required('zones');
  }

  get securityGroupId(): string {
    return this.#required('securityGroupId');
  }

  get clientSecurityGroupId(): string {
    return this.#required('clientSecurityGroupId');
  }

  get port(): number {
    return this.#attributes.port ?? STANDARD_PORT;
  }

  get endpointSecurityGroupId(): string {
    return this.#required('endpointSecurityGroupId');
  }

  get s3PrefixListId(): string {
    return this.#required('s3PrefixListId');
  }

  get endpoints(): readonly EndpointService[] | undefined {
    return this.#attributes.endpoints;
  }

  get services(): NetworkServices {
    return { securityGroupId: this.#attributes.endpointSecurityGroupId, s3PrefixListId: this.#attributes.s3PrefixListId };
  }

  #required<K extends keyof DatabaseNetworkAttributes>(name: K): NonNullable<DatabaseNetworkAttributes[K]> {
    return required(this, 'DatabaseNetwork', this.#attributes, name);
  }
}

import { SecurityGroup } from '@cdktf/provider-aws/lib/security-group';
import { VpcSecurityGroupEgressRule } from '@cdktf/provider-aws/lib/vpc-security-group-egress-rule';
import { VpcSecurityGroupIngressRule } from '@cdktf/provider-aws/lib/vpc-security-group-ingress-rule';
import { Annotations } from 'cdktf';
import { Construct } from 'constructs';
import { isKnown } from '../construct/known';
import { type Complaint, Complaints } from '../core/errors';
import type { IDatabaseNetwork } from './database-network-ref';
import type { NetworkSource } from './source';
import { admitSource } from './source-rule';
import { sourceComplaints } from './validate';

export interface DatabaseAccessProps {
  readonly network: IDatabaseNetwork;
  /** Name of the databases, for instance the identifier of their cluster: the groups are `<name>-databases` and `<name>-clients`. AWS cannot rename them. */
  readonly name: string;
  /**
   * Port that the databases listen on.
   *
   * @default - that of the network
   */
  readonly port?: number;
  /**
   * Who may connect besides the members of `clientSecurityGroupId`, by a name that stays: it is part of the rule's address.
   *
   * @default - nobody else
   */
  readonly sources?: Readonly<Record<string, NetworkSource>>;
  /**
   * Whether they may connect, too, whom the network admits to all its databases: its sources and the members of its clients' group. A database of
   * one tenant says no.
   *
   * @default - yes, where the databases listen on the network's port; on another one no, with a warning
   */
  readonly admitsNetwork?: boolean;
}

const HTTPS = 443;
/** AWS keeps the beginning for ids. */
const RESERVED = 'sg-';
const LONGEST_GROUP = 255;
const LONGEST_NAME = LONGEST_GROUP - '-databases'.length;

/**
 * Who may connect to one cluster: a security group of its databases, which lets nothing out, and one of its clients, which reaches them and AWS's
 * services and nothing else. Clusters of one network cannot reach each other, nor can the clients of one reach another.
 */
export class DatabaseAccess extends Construct {
  /** Of these databases alone. */
  readonly securityGroupId: string;
  /** Whoever is in it may connect to these databases, and to no others. */
  readonly clientSecurityGroupId: string;
  /** What the databases are put into: their own group and, unless it is closed to them, that of all databases of the network. */
  readonly securityGroupIds: readonly string[];
  readonly port: number;
  readonly resource: SecurityGroup;
  readonly #sources: Construct;
  readonly #wayOut: Construct;

  constructor(scope: Construct, id: string, props: DatabaseAccessProps) {
    super(scope, id);
    const { network, name, sources = {} } = props;
    this.port = props.port ?? network.port;
    const samePort = this.port === network.port;
    validateAccess(this, props, samePort);

    if (props.admitsNetwork === undefined && !samePort) Annotations.of(this).addWarning(leftOut(this.port, network.port));

    this.resource = this.#makeSecurityGroup('SecurityGroup', network, `${name}-databases`, 'Databases of one cluster');
    const clients = this.#makeSecurityGroup('ClientSecurityGroup', network, `${name}-clients`, 'Programs that may connect to one cluster');
    this.securityGroupId = this.resource.id;
    this.clientSecurityGroupId = clients.id;
    this.securityGroupIds = props.admitsNetwork ?? samePort ? [this.securityGroupId, network.securityGroupId] : [this.securityGroupId];

    this.#sources = new Construct(this, 'Sources');
    this.#wayOut = new Construct(this, 'WayOut');
    this.connect('clients', clients.id);
    for (const [source, from] of Object.entries(sources)) this.admit(source, from);
    this.#reachServices(clients.id, network);
  }

  /**
   * Lets somebody connect to these databases, who is let out where they are.
   *
   * @param name - stays, because it is part of the rule's address
   */
  admit(name: string, source: NetworkSource): void {
    admitSource(this.#sources, this.node.path, name, source, { securityGroupId: this.securityGroupId, port: this.port });
  }

  /**
   * Lets the members of a security group connect, and lets them out to these databases: for groups that let out only what they name, as those of
   * this library do.
   *
   * @param name - stays, because it is part of the addresses of both rules
   */
  connect(name: string, securityGroupId: string): void {
    this.admit(name, { securityGroupId });
    new VpcSecurityGroupEgressRule(this.#wayOut, name, { securityGroupId, referencedSecurityGroupId: this.securityGroupId, ipProtocol: 'tcp', fromPort: this.port, toPort: this.port, description: 'Databases' });
  }

  /** What the network's own clients reach, as far as the network knows it. The rule in its group lies here, so that the network may be of another stack, or imported. */
  #reachServices(clients: string, { services }: IDatabaseNetwork): void {
    const https = { ipProtocol: 'tcp', fromPort: HTTPS, toPort: HTTPS };
    if (services.securityGroupId !== undefined) {
      new VpcSecurityGroupEgressRule(this, 'ToEndpoints', { securityGroupId: clients, referencedSecurityGroupId: services.securityGroupId, ...https, description: 'AWS services' });
      new VpcSecurityGroupIngressRule(this, 'IntoEndpoints', { securityGroupId: services.securityGroupId, referencedSecurityGroupId: clients, ...https, description: 'Programs that use a cluster' });
    }
    if (services.s3PrefixListId !== undefined) {
      new VpcSecurityGroupEgressRule(this, 'ToS3', { securityGroupId: clients, prefixListId: services.s3PrefixListId, ...https, description: 'S3' });
    }
  }

  /** Rules are resources of their own: one that is written here as well would take the others away. */
  #makeSecurityGroup(id: string, { vpcId }: IDatabaseNetwork, name: string, description: string): SecurityGroup {
    return new SecurityGroup(this, id, { name, description, vpcId, tags: { Name: name } });
  }
}

const shown = (port: number): string => (isKnown(port) ? String(port) : 'one that only Terraform knows');

/** Nobody would see why they time out. */
const leftOut = (port: number, ofNetwork: number): string => `The network admits its clients and sources on port ${shown(ofNetwork)}, and these databases listen on ${shown(port)}: they are closed to all of them. Name who may connect in sources and say admitsNetwork: false, or give databases and network one port.`;

function validateAccess(scope: Construct, { name, sources = {}, admitsNetwork, port, network }: DatabaseAccessProps, samePort: boolean): void {
  const complaints = new Complaints();
  const add = (complaint: Complaint): void => complaints.add({ at: scope.node.path, ...complaint });
  if (isKnown(name) && (name.toLowerCase().startsWith(RESERVED) || name.length > LONGEST_NAME || !/^[\w-]+$/.test(name))) {
    add({ code: 'database-access/name', problem: `${JSON.stringify(name)} cannot begin the name of a security group: letters, digits, hyphens and underscores are allowed, at most ${LONGEST_NAME}, and not "${RESERVED}" in front.`, fix: 'Give the cluster another clusterIdentifier.', source: 'AWS, CreateSecurityGroup' });
  }
  if (admitsNetwork === true && !samePort) {
    add({ code: 'database-access/network-port', problem: `The network admits its sources and clients on port ${network.port}, and these databases listen on ${port}: none of them would reach the databases.`, fix: 'Leave admitsNetwork out, and name who may connect in sources.' });
  }
  for (const [source, from] of Object.entries(sources)) sourceComplaints(source, from).forEach(add);
  complaints.throwIfAny();
}

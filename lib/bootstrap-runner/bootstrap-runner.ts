import { IamPolicy } from '@cdktf/provider-aws/lib/iam-policy';
import { SecurityGroup } from '@cdktf/provider-aws/lib/security-group';
import { SsmParameter } from '@cdktf/provider-aws/lib/ssm-parameter';
import { VpcSecurityGroupEgressRule } from '@cdktf/provider-aws/lib/vpc-security-group-egress-rule';
import { VpcSecurityGroupIngressRule } from '@cdktf/provider-aws/lib/vpc-security-group-ingress-rule';
import { TerraformOutput } from 'cdktf';
import { Construct } from 'constructs';
import { logGroup } from '../construct/log-group';
import { policyDocument } from '../construct/policy-document';
import { Duration } from '../core/duration';
import { EncryptionKey } from '../encryption/encryption-key';
import type { IEncryptionKey } from '../encryption/encryption-key-ref';
import { EnvironmentStack } from '../environment/environment-stack';
import { physicalName } from '../environment/physical-name';
import { RUNNER_FORMAT } from '../manifest/runner';
import { toTerraformTemplate } from '../manifest/template';
import type { IDatabaseNetwork } from '../network/database-network-ref';
import type { ITenantDatabase } from '../tenant-database/tenant-database-ref';
import type { IBootstrapRunner } from './bootstrap-runner-ref';
import { type BoundCompute, RunnerCompute } from './compute';
import { parseImage, type RunnerImage } from './image';
import { bootstrapStatements, LOG_STREAM_PREFIX } from './permissions';
import { RUNNER, validateRunner } from './validate';

export interface BootstrapRunnerProps {
  /** What is bootstrapped. */
  readonly database: ITenantDatabase;
  /** The network of its cluster. */
  readonly network: IDatabaseNetwork;
  /** Image with the command `tenantry`, in ECR and by its digest: `<account>.dkr.ecr.<region>.amazonaws.com/<repository>@sha256:<digest>`. */
  readonly image: string;
  /**
   * What runs it.
   *
   * @default RunnerCompute.fargate()
   */
  readonly compute?: RunnerCompute;
  /**
   * Login of the database that the bootstrap connects as with an IAM token.
   *
   * @default - the master user, with its password from Secrets Manager
   */
  readonly iamUser?: string;
  /**
   * File in the image with the certificate authorities of RDS.
   *
   * @default '/etc/tenantry/global-bundle.pem'
   */
  readonly caFile?: string;
  /**
   * A run that takes longer is stopped. Whole minutes, from 5 minutes to 8 hours.
   *
   * @default - 1 hour
   */
  readonly timeout?: Duration;
  /**
   * Encrypts the log.
   *
   * @default - the key of the stack, made once
   */
  readonly encryptionKey?: IEncryptionKey;
}

const HTTPS = 443;

/** Runs `tenantry bootstrap` where the database can be reached: in its isolated subnets, with a role that can do nothing else. */
export class BootstrapRunner extends Construct implements IBootstrapRunner {
  readonly runnerName: string;
  readonly parameterName: string;
  readonly securityGroupId: string;
  readonly startPolicyArn: string;
  readonly declarationName: string;
  /** Task definition or project. */
  readonly resource: BoundCompute['resource'];

  constructor(scope: Construct, id: string, props: BootstrapRunnerProps) {
    super(scope, id);
    const { environment, layer } = EnvironmentStack.of(this);
    const { database, network, iamUser } = props;
    const timeout = props.timeout ?? Duration.hours(1);
    Object.defineProperty(this, RUNNER, { value: true });
    this.declarationName = database.declarationName;
    validateRunner(this, props, timeout);
    this.runnerName = physicalName(this, { max: 100 });
    this.parameterName = `/${environment.platform}/${environment.name}/${layer}/${this.declarationName}/runner`;

    this.securityGroupId = this.#makeSecurityGroup(network);
    this.#reachTenants(database);
    // Made here, so that it is encrypted and not kept for ever.
    const logs = logGroup(this, 'LogGroup', `/tenantry/${this.runnerName}`, props.encryptionKey ?? EncryptionKey.forStack(this));
    const compute = (props.compute ?? RunnerCompute.fargate()).bind(this, {
      image: parseImage(props.image) as RunnerImage,
      network,
      securityGroupId: this.securityGroupId,
      variables: variablesOf(props, environment.region),
      permissions: bootstrapStatements(environment, database, iamUser),
      logGroup: logs,
      timeout,
    });
    this.resource = compute.resource;
    const parameter = this.#describe({ region: environment.region, logGroup: logs.name, logStreamPrefix: LOG_STREAM_PREFIX, timeoutSeconds: timeout.toSeconds(), ...compute.description });
    this.startPolicyArn = new IamPolicy(this, 'StartPolicy', {
      name: physicalName(this, { max: 128, suffix: 'start' }),
      // It cannot be changed, and a policy that is attached cannot be replaced.
      description: `Start tenantry bootstrap of ${this.declarationName}`,
      policy: policyDocument(
        { Sid: 'FindRunner', Effect: 'Allow', Action: 'ssm:GetParameter', Resource: parameter.arn },
        ...compute.start,
        { Sid: 'FollowLog', Effect: 'Allow', Action: 'logs:GetLogEvents', Resource: `${logs.arn}:log-stream:${LOG_STREAM_PREFIX}/*` },
      ),
    }).arn;
  }

  /** Reached by nobody; reaches the databases and AWS, and nothing else. Rules that admit it lie here too, so that the network may be of another stack, or imported. */
  #makeSecurityGroup(network: IDatabaseNetwork): string {
    const { vpcId, securityGroupId: databases, endpointSecurityGroupId: endpoints, s3PrefixListId, port } = network;
    const name = physicalName(this, { max: 200 });
    const { id } = new SecurityGroup(this, 'SecurityGroup', { name, description: 'tenantry bootstrap', vpcId, tags: { Name: name } });
    const database = { ipProtocol: 'tcp', fromPort: port, toPort: port };
    const https = { ipProtocol: 'tcp', fromPort: HTTPS, toPort: HTTPS };
    new VpcSecurityGroupEgressRule(this, 'ToDatabases', { securityGroupId: id, referencedSecurityGroupId: databases, ...database, description: 'Databases' });
    new VpcSecurityGroupEgressRule(this, 'ToEndpoints', { securityGroupId: id, referencedSecurityGroupId: endpoints, ...https, description: 'AWS services' });
    new VpcSecurityGroupEgressRule(this, 'ToS3', { securityGroupId: id, prefixListId: s3PrefixListId, ...https, description: 'S3' });
    new VpcSecurityGroupIngressRule(this, 'IntoDatabases', { securityGroupId: databases, referencedSecurityGroupId: id, ...database, description: 'tenantry bootstrap' });
    new VpcSecurityGroupIngressRule(this, 'IntoEndpoints', { securityGroupId: endpoints, referencedSecurityGroupId: id, ...https, description: 'tenantry bootstrap' });
    return id;
  }

  /** The clusters that tenants have for themselves admit it one by one. */
  #reachTenants({ tenantClusters }: ITenantDatabase): void {
    if (tenantClusters.length === 0) return;
    const tenants = new Construct(this, 'Tenants');
    for (const { tenant, cluster: { securityGroupId, port } } of tenantClusters) {
      const place = new Construct(tenants, tenant);
      const database = { ipProtocol: 'tcp', fromPort: port, toPort: port };
      new VpcSecurityGroupEgressRule(place, 'ToDatabases', { securityGroupId: this.securityGroupId, referencedSecurityGroupId: securityGroupId, ...database, description: `Databases of ${tenant}` });
      new VpcSecurityGroupIngressRule(place, 'IntoDatabases', { securityGroupId, referencedSecurityGroupId: this.securityGroupId, ...database, description: 'tenantry bootstrap' });
    }
  }

  /** What `--runner` has to know, as an output and as a parameter. */
  #describe(description: Readonly<Record<string, unknown>>): SsmParameter {
    const template = toTerraformTemplate({ format: RUNNER_FORMAT, name: this.runnerName, declaration: this.declarationName, ...description });
    new TerraformOutput(this, 'Runner', { value: template, description: `How tenantry bootstrap --runner ${this.runnerName} is started` });
    return new SsmParameter(this, 'Parameter', { name: this.parameterName, description: `How tenantry bootstrap --runner ssm:${this.parameterName} is started`, type: 'String', insecureValue: template });
  }
}

/** The command line takes the rest from its environment: nothing of it is secret. */
const variablesOf = ({ database, iamUser, caFile }: BootstrapRunnerProps, region: string): Record<string, string> => ({
  AWS_REGION: region,
  TENANTRY_CA: caFile ?? '/etc/tenantry/global-bundle.pem',
  TENANTRY_EVIDENCE: '-',
  ...(iamUser === undefined ? {} : { TENANTRY_IAM_USER: iamUser }),
  TENANTRY_MANIFEST: `ssm:${database.manifestPlace.parameterName}`,
});

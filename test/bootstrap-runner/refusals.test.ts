import { VpcSecurityGroupEgressRule } from '@cdktf/provider-aws/lib/vpc-security-group-egress-rule';
import { App, Lazy } from 'cdktf';
import { describe, expect, it } from 'vitest';
import { BootstrapRunner } from '../../lib/bootstrap-runner';
import { Duration } from '../../lib/core/duration';
import { parseDeclaration } from '../../lib/declaration';
import { Engine } from '../../lib/engine';
import { EnvironmentStack } from '../../lib/environment';
import { HaCluster } from '../../lib/ha-cluster';
import { DatabaseNetwork, IMAGE_ENDPOINTS, STANDARD_ENDPOINTS } from '../../lib/network';
import { TenantDatabase } from '../../lib/tenant-database';
import { expectRefusal, importedNetwork, synthesize, synthesizeStack, testEnvironment, testApp, testStack } from '../support/synth';
import { DIGEST, IMAGE, make, shop } from './fixture';

const AT = 'staging-data/Runner';
const FORM = 'Give <account>.dkr.ecr.<region>.amazonaws.com/<repository>@sha256:<digest>';

describe('BootstrapRunner refuses', () => {
  it.each([
    ['a tag', '123456789012.dkr.ecr.eu-central-1.amazonaws.com/tenantry:1.2.3'],
    ['neither tag nor digest', '123456789012.dkr.ecr.eu-central-1.amazonaws.com/tenantry'],
  ])('an image with %s, which may be another one tomorrow', (_title, image) => {
    expectRefusal(() => make({ image }), 'bootstrap-runner/image-digest', `bootstrap-runner/image-digest  at ${AT}

  image is "${image}", without a digest. A tag can be moved to other content at any time, and what runs here may read the master password.

  ${FORM}; docker buildx imagetools inspect <image> prints it.`);
  });

  it.each([
    ['of another registry', `docker.io/library/tenantry@sha256:${DIGEST}`],
    ['of the public registry of ECR', `public.ecr.aws/x/tenantry@sha256:${DIGEST}`],
    ['with a tag and a digest', `123456789012.dkr.ecr.eu-central-1.amazonaws.com/tenantry:1@sha256:${DIGEST}`],
    ['with half a digest', '123456789012.dkr.ecr.eu-central-1.amazonaws.com/tenantry@sha256:abc'],
  ])('an image %s', (_title, image) => {
    expectRefusal(() => make({ image }), 'bootstrap-runner/image-registry', `bootstrap-runner/image-registry  at ${AT}

  image is "${image}". Isolated subnets reach no registry but ECR of their region, and a name has a tag or a digest, not both.

  ${FORM}; a pull-through cache of ECR brings images of other registries.`);
  });

  it('an image of another region, and one that only Terraform knows', () => {
    expectRefusal(() => make({ image: IMAGE.replace('eu-central-1', 'us-east-1') }), 'bootstrap-runner/image-region', `bootstrap-runner/image-region  at ${AT}

  image lies in us-east-1, and the endpoint of ECR serves eu-central-1 alone.

  Replicate the repository to eu-central-1.`);
    expectRefusal(() => make({ image: Lazy.stringValue({ produce: () => IMAGE }) }), 'bootstrap-runner/image-unknown', `bootstrap-runner/image-unknown  at ${AT}

  image is a value that only Terraform knows, and nobody could review what will run.

  ${FORM} as text.`);
  });

  it('everything that is wrong at once', () => {
    const stack = testStack();
    const network = new DatabaseNetwork(stack, 'Network', { endpoints: ['logs', 'ecr.api'] });
    const cluster = new HaCluster(stack, 'Cluster', { network, engine: Engine.auroraPostgresql('17') });
    const database = new TenantDatabase(stack, 'Shop', { cluster, schema: shop });
    expectRefusal(() => new BootstrapRunner(stack, 'Runner', { database, network, image: 'x', timeout: Duration.seconds(330), iamUser: "me' or", caFile: 'bundle.pem' }), [
      'bootstrap-runner/image-digest', 'bootstrap-runner/timeout', 'bootstrap-runner/iam-user', 'bootstrap-runner/ca-file', 'bootstrap-runner/endpoints',
    ], `bootstrap-runner/image-digest  at ${AT}

  image is "x", without a digest. A tag can be moved to other content at any time, and what runs here may read the master password.

  ${FORM}; docker buildx imagetools inspect <image> prints it.

bootstrap-runner/timeout  at ${AT}

  timeout is 330 seconds; whole minutes from 5 minutes to 8 hours are allowed.

  Leave it out for 1 hour.

bootstrap-runner/iam-user  at ${AT}

  iamUser is "me' or"; the name of one login of the database is needed: lower-case letters, digits, underscores and hyphens.

  Leave it out to log in as the master user with its password.

bootstrap-runner/ca-file  at ${AT}

  caFile is "bundle.pem"; the absolute path of a file in the image is needed.

  For instance caFile: '/etc/tenantry/global-bundle.pem'.

bootstrap-runner/endpoints  at ${AT}

  The network has no endpoint for ssm, ecr.dkr and secretsmanager, and its subnets have no other way out: the task could not start, or not do its work.

  new DatabaseNetwork(…, { endpoints: ['logs', 'ecr.api', 'ssm', 'ecr.dkr', 'secretsmanager'] })

  Source: AWS, Amazon ECS interface VPC endpoints`);
  });

  it('a second runner for one declaration, and more secrets than a policy holds', () => {
    const { stack, database, network } = make();
    expectRefusal(() => new BootstrapRunner(stack, 'Again', { database, network, image: IMAGE }), 'bootstrap-runner/twice', `bootstrap-runner/twice  at staging-data/Again

  The declaration "shop" has a runner in this stack already, at staging-data/Runner.

  One is enough: it is started for each run.`);
    const many = parseDeclaration({ ...shop, roles: Object.fromEntries(Array.from({ length: 13 }, (_, i) => [`job${i}`, { login: 'password', tables: { orders: 'read' } }])) });
    expectRefusal(() => make({}, {}, many), 'bootstrap-runner/login-secrets', `bootstrap-runner/login-secrets  at ${AT}

  The declaration has 26 logins with a password; the policy of the runner names each, and has room for 25.

  Let programs log in by IAM (login: 'iam'), which needs no secret.

  Source: AWS, IAM quotas`);
  });

  it('a network that does not say where its endpoints are', () => {
    const stack = testStack();
    const network = importedNetwork(stack);
    const cluster = new HaCluster(stack, 'Cluster', { network, engine: Engine.auroraPostgresql('17') });
    const database = new TenantDatabase(stack, 'Shop', { cluster, schema: shop });
    expect(() => new BootstrapRunner(stack, 'Runner', { database, network, image: IMAGE })).toThrow('endpointSecurityGroupId of this imported DatabaseNetwork is needed, and it was not given.');
  });
});

describe('BootstrapRunner accepts', () => {
  it('a network that exists', () => {
    const stack = testStack();
    const network = DatabaseNetwork.fromDatabaseNetworkAttributes(stack, 'Network', {
      vpcId: 'vpc-1', subnetGroupName: 'databases', subnetIds: ['subnet-1', 'subnet-2'], zones: ['eu-central-1a', 'eu-central-1b'], securityGroupId: 'sg-1', clientSecurityGroupId: 'sg-2', endpointSecurityGroupId: 'sg-3', s3PrefixListId: 'pl-1',
    });
    const cluster = new HaCluster(stack, 'Cluster', { network, engine: Engine.auroraPostgresql('17') });
    const database = new TenantDatabase(stack, 'Shop', { cluster, schema: shop });
    new BootstrapRunner(stack, 'Runner', { database, network, image: IMAGE });
    const targets = synthesizeStack(stack).resources(VpcSecurityGroupEgressRule).filter(({ address }) => address.includes('.Runner_')).map(({ arguments: args }) => args.referenced_security_group_id ?? args.prefix_list_id);
    expect(targets).toEqual(['sg-1', 'sg-3', 'pl-1']);
  });

  it('a network of another stack, in which nothing of it lies', () => {
    const app = testApp();
    const environment = testEnvironment();
    const foundation = new EnvironmentStack(app, 'foundation', { environment });
    const network = new DatabaseNetwork(foundation, 'Network', { endpoints: [...STANDARD_ENDPOINTS, ...IMAGE_ENDPOINTS] });
    const data = new EnvironmentStack(app, 'data', { environment });
    const cluster = new HaCluster(data, 'Cluster', { network, engine: Engine.auroraPostgresql('17') });
    const database = new TenantDatabase(data, 'Shop', { cluster, schema: shop });
    new BootstrapRunner(data, 'Runner', { database, network, image: IMAGE });
    const stacks = synthesize(App.of(data) ?? app);
    expect(stacks['staging-foundation']?.text).not.toContain('Runner');
    expect(stacks['staging-data']?.text).toContain('"subnets\\":[\\"${data.terraform_remote_state.cross-stack-reference-input-staging-foundation.outputs.');
  });
});

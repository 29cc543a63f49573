import type { Construct } from 'constructs';
import { isKnown } from '../construct/known';
import type { Duration } from '../core/duration';
import { type Complaint, Complaints } from '../core/errors';
import { count, listOf } from '../core/text';
import { EnvironmentStack } from '../environment/environment-stack';
import { type EndpointService, IMAGE_ENDPOINTS } from '../network/endpoints';
import type { BootstrapRunnerProps } from './bootstrap-runner';
import { imageComplaints } from './image';

/** What CodeBuild takes; eight hours are the most that a run of the bootstrap should ever need. */
const TIMEOUT = { min: 5 * 60, max: 8 * 3600 };
/** IAM takes 10,240 characters of policies in a role; the ARN of a secret stands there twice, with up to 160 characters. */
const MOST_SECRETS = 25;
/** The secret of a cluster's master password stands there twice, too, in statements of its own with the ARN of its key. */
const SECRETS_PER_CLUSTER = 3;

export function validateRunner(scope: Construct, props: BootstrapRunnerProps, timeout: Duration): void {
  const complaints = new Complaints();
  const { region } = EnvironmentStack.of(scope).environment;
  const found = [...imageComplaints(props.image, region), ...checkTimeout(timeout), ...checkTexts(props), ...checkEndpoints(props), ...checkSecrets(props), ...checkTwice(scope, props)];
  for (const complaint of found) complaints.add({ at: scope.node.path, ...complaint });
  complaints.throwIfAny();
}

function checkTimeout(timeout: Duration): Complaint[] {
  const seconds = timeout.toSeconds();
  if (seconds >= TIMEOUT.min && seconds <= TIMEOUT.max && seconds % 60 === 0) return [];
  return [{ code: 'bootstrap-runner/timeout', problem: `timeout is ${timeout.toString()}; whole minutes from 5 minutes to 8 hours are allowed.`, fix: 'Leave it out for 1 hour.' }];
}

function checkTexts({ iamUser, caFile }: BootstrapRunnerProps): Complaint[] {
  const complaints: Complaint[] = [];
  if (iamUser !== undefined && (!isKnown(iamUser) || !/^[a-z_][a-z0-9_-]{0,62}$/.test(iamUser))) {
    complaints.push({ code: 'bootstrap-runner/iam-user', problem: `iamUser is ${JSON.stringify(iamUser)}; the name of one login of the database is needed: lower-case letters, digits, underscores and hyphens.`, fix: 'Leave it out to log in as the master user with its password.' });
  }
  if (caFile !== undefined && (!isKnown(caFile) || !/^\/[\w./-]+$/.test(caFile))) {
    complaints.push({ code: 'bootstrap-runner/ca-file', problem: `caFile is ${JSON.stringify(caFile)}; the absolute path of a file in the image is needed.`, fix: "For instance caFile: '/etc/tenantry/global-bundle.pem'." });
  }
  return complaints;
}

function checkEndpoints({ network, iamUser, database }: BootstrapRunnerProps): Complaint[] {
  const { endpoints } = network;
  if (endpoints === undefined) return [];
  const needed: EndpointService[] = ['ssm', 'logs', ...IMAGE_ENDPOINTS, ...(iamUser === undefined || database.loginSecrets.length > 0 ? ['secretsmanager' as const] : [])];
  const missing = needed.filter((service) => !endpoints.includes(service));
  return missing.length === 0 ? [] : [{
    code: 'bootstrap-runner/endpoints', problem: `The network has no endpoint for ${listOf(missing)}, and its subnets have no other way out: the task could not start, or not do its work.`,
    fix: `new DatabaseNetwork(…, { endpoints: [${[...endpoints, ...missing].map((service) => `'${service}'`).join(', ')}] })`, source: 'AWS, Amazon ECS interface VPC endpoints',
  }];
}

function checkSecrets({ database }: BootstrapRunnerProps): Complaint[] {
  const [secrets, clusters] = [database.loginSecrets.length, database.tenantClusters.length];
  const room = MOST_SECRETS - SECRETS_PER_CLUSTER * clusters;
  return secrets <= room ? [] : [{
    code: 'bootstrap-runner/login-secrets', problem: clusters === 0 ? `The declaration has ${count(secrets, 'login')} with a password; the policy of the runner names each, and has room for ${MOST_SECRETS}.`
      : `The declaration has ${count(secrets, 'login')} with a password and ${count(clusters, 'tenant')} with a cluster of ${clusters === 1 ? 'its' : 'their'} own; the policy of the runner names each, and has room for ${Math.max(room, 0)} such logins beside so many clusters.`,
    fix: "Let programs log in by IAM (login: 'iam'), which needs no secret.", source: 'AWS, IAM quotas',
  }];
}

/** The parameter is named after the declaration. */
function checkTwice(scope: Construct, { database }: BootstrapRunnerProps): Complaint[] {
  const first = EnvironmentStack.of(scope).node.findAll().find((other) => other !== scope && (other as { declarationName?: unknown } | undefined)?.declarationName === database.declarationName && RUNNER in other);
  return first === undefined ? [] : [{
    code: 'bootstrap-runner/twice', problem: `The declaration ${JSON.stringify(database.declarationName)} has a runner in this stack already, at ${first.node.path}.`, fix: 'One is enough: it is started for each run.',
  }];
}

/** Two copies of this package may be loaded, so that `instanceof` would not tell. */
export const RUNNER = Symbol.for('tenantry/BootstrapRunner');

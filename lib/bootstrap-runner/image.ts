import { isKnown } from '../construct/known';
import type { Complaint } from '../core/errors';
import { holdsToken } from '../core/tokens';

/** An image in a private registry of ECR, by its digest. */
export interface RunnerImage {
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly repository: string;
}

const REFERENCE = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\/([a-z0-9][a-z0-9._/-]*)@sha256:[0-9a-f]{64}$/;
const EXAMPLE = 'Give <account>.dkr.ecr.<region>.amazonaws.com/<repository>@sha256:<digest>';

export function parseImage(name: string): RunnerImage | undefined {
  const [, account, region, repository] = REFERENCE.exec(name) ?? [];
  return account === undefined || region === undefined || repository === undefined ? undefined : { name, account, region, repository };
}

export function imageComplaints(name: string, region: string): Complaint[] {
  if (!isKnown(name) || holdsToken(name)) {
    return [{ code: 'bootstrap-runner/image-unknown', problem: 'image is a value that only Terraform knows, and nobody could review what will run.', fix: `${EXAMPLE} as text.` }];
  }
  if (!name.includes('@sha256:')) {
    return [{
      code: 'bootstrap-runner/image-digest', problem: `image is ${JSON.stringify(name)}, without a digest. A tag can be moved to other content at any time, and what runs here may read the master password.`,
      fix: `${EXAMPLE}; docker buildx imagetools inspect <image> prints it.`,
    }];
  }
  const image = parseImage(name);
  if (image === undefined) {
    return [{
      code: 'bootstrap-runner/image-registry', problem: `image is ${JSON.stringify(name)}. Isolated subnets reach no registry but ECR of their region, and a name has a tag or a digest, not both.`,
      fix: `${EXAMPLE}; a pull-through cache of ECR brings images of other registries.`,
    }];
  }
  return image.region === region ? [] : [{
    code: 'bootstrap-runner/image-region', problem: `image lies in ${image.region}, and the endpoint of ECR serves ${region} alone.`, fix: `Replicate the repository to ${region}.`,
  }];
}

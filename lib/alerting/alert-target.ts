import { createHash } from 'node:crypto';
import { isKnown } from '../construct/known';

export interface HttpsTargetOptions {
  /**
   * Part of the address of the subscription in the state. Needed when only Terraform knows the address.
   *
   * @default - the host, with a short hash of the address
   */
  readonly name?: string;
  /**
   * Whether the endpoint answers the confirmation that SNS sends when it is subscribed, as incident services do. Else the
   * subscription stays pending until somebody opens the link in it, and meanwhile nothing arrives.
   *
   * @default false
   */
  readonly confirmsItself?: boolean;
  /**
   * Send the alarm alone, as CloudWatch made it, without SNS's envelope and its signature.
   *
   * @default false
   */
  readonly raw?: boolean;
}

export interface EmailTarget {
  readonly kind: 'email';
  readonly address: string;
}

export interface HttpsTarget extends HttpsTargetOptions {
  readonly kind: 'https';
  readonly url: string;
}

export interface TopicTarget {
  readonly kind: 'topic';
  readonly arn: string;
}

/** Who is told. */
export type AlertTarget = EmailTarget | HttpsTarget | TopicTarget;

export const AlertTarget = {
  /** A mailbox. SNS asks it for confirmation first, and until somebody opens the link nothing arrives. */
  email: (address: string): AlertTarget => ({ kind: 'email', address }),
  /** An endpoint that takes SNS's messages. Whoever may read the Terraform state can read the address: prefer one that is no secret. */
  https: (url: string, options: HttpsTargetOptions = {}): AlertTarget => ({ kind: 'https', url, ...options }),
  /** A topic that exists, of this region, also of another account. It takes the place of the topic that would be made, so that it is the only target. */
  topic: (arn: string): AlertTarget => ({ kind: 'topic', arn }),
};

/** Subscriptions have addresses in the state: they come from whom they reach. Undefined where that is not known at synthesis. */
export function targetId(target: EmailTarget | HttpsTarget): string | undefined {
  if (target.kind === 'email') return isKnown(target.address) ? `email ${target.address}` : undefined;
  if (target.name !== undefined) return `https ${target.name}`;
  const host = hostOf(target.url);
  return host === undefined ? undefined : `https ${host} ${createHash('sha256').update(target.url).digest('hex').slice(0, 8)}`;
}

/** Undefined where it is not known, or no URL. The rest of a URL may be a secret and is never printed. */
export const hostOf = (url: string): string | undefined => (isKnown(url) && URL.canParse(url) ? new URL(url).hostname : undefined);

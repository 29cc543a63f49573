import { createHash } from 'node:crypto';
import { DbEventSubscription } from '@cdktf/provider-aws/lib/db-event-subscription';
import { dependable, type ITerraformDependable, Lazy } from 'cdktf';
import { Construct } from 'constructs';
import { useQuota } from '../construct/quota';
import { EnvironmentStack } from '../environment/environment-stack';
import { physicalName } from '../environment/physical-name';
import type { IAlertChannel } from './alert-channel-ref';
import { SUBSCRIBED } from './event-table';

/** Kinds of sources that have critical events. */
export type SubscribedSource = keyof typeof SUBSCRIBED;

const SHARED_ID = 'EventSubscriptions';
const ID = 'Events';

/**
 * Subscriptions of RDS that tell the critical topic of a channel: one for each kind of source, whatever number of databases a stack has. RDS allows an account 20 of them in
 * a region, and a platform with a cluster for each of many tenants has more databases than that.
 *
 * Source: Amazon RDS User Guide, Quotas in Amazon RDS (Event subscriptions).
 */
export class EventSubscriptions extends Construct {
  /** Those of a stack and a channel, made once. */
  static forStack(scope: Construct, alerts: IAlertChannel): EventSubscriptions {
    const stack = EnvironmentStack.of(scope);
    const place = pathOf(alerts, stack).reduce<Construct>((parent, id) => (parent.node.tryFindChild(id)) ?? new Construct(parent, id), stack);
    return (place.node.tryFindChild(ID) as EventSubscriptions | undefined) ?? new EventSubscriptions(place, ID, alerts);
  }

  readonly #alerts: IAlertChannel;
  readonly #subscribed = new Map<SubscribedSource, { readonly names: Set<string>; readonly resource: DbEventSubscription }>();

  private constructor(scope: Construct, id: string, alerts: IAlertChannel) {
    super(scope, id);
    this.#alerts = alerts;
  }

  /** @param dependsOn - what has to be there before it is subscribed to */
  add(type: SubscribedSource, names: readonly string[], dependsOn: readonly ITerraformDependable[] = []): void {
    const subscription = this.#subscribed.get(type) ?? this.#subscribe(type);
    for (const name of names) subscription.names.add(name);
    const { resource } = subscription;
    if (dependsOn.length > 0) resource.dependsOn = [...resource.dependsOn ?? [], ...dependsOn.map(dependable)];
  }

  #subscribe(type: SubscribedSource): { readonly names: Set<string>; readonly resource: DbEventSubscription } {
    const names = new Set<string>();
    const sorted = (): string[] => [...names].sort();
    const name = physicalName(this, { max: 255 - HASH - 1, suffix: type });
    const resource = new DbEventSubscription(this, type, {
      // Another list is another subscription: Terraform destroys the old one before the databases that it names, and makes the new one after those that it names. It would
      // change one in place after a database is gone, when RDS may not know any more what is to be taken out of the list.
      name: Lazy.stringValue({ produce: (context) => `${name}-${hashOf([this.#alerts.node.path, ...context.resolve(sorted()) as string[]])}` }),
      snsTopic: this.#alerts.topicArn('critical'),
      sourceType: type,
      sourceIds: Lazy.listValue({ produce: sorted }),
      eventCategories: [...SUBSCRIBED[type]],
      enabled: true,
    });
    useQuota(this, 'event subscriptions', 1);
    const subscription = { names, resource };
    this.#subscribed.set(type, subscription);
    return subscription;
  }
}

const HASH = 8;
const hashOf = (parts: readonly string[]): string => createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, HASH);

/** Where the channel is: in the stack, which keeps its addresses when it gets another id, or in the application where it is another stack's. */
function pathOf(alerts: IAlertChannel, stack: EnvironmentStack): string[] {
  const { path } = alerts.node;
  const inStack = `${stack.node.path}/`;
  return [SHARED_ID, ...(path.startsWith(inStack) ? path.slice(inStack.length) : path).split('/')];
}

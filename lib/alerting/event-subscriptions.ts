import { DbEventSubscription } from '@cdktf/provider-aws/lib/db-event-subscription';
import { dependable, type ITerraformDependable, Lazy } from 'cdktf';
import { Construct } from 'constructs';
import { EnvironmentStack } from '../environment/environment-stack';
import { physicalName } from '../environment/physical-name';
import type { IAlertChannel } from './alert-channel-ref';
import { SUBSCRIBED } from './event-table';

/** Kinds of sources that have critical events. */
export type SubscribedSource = keyof typeof SUBSCRIBED;

const SHARED_ID = 'EventSubscriptions';

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
    const shared = stack.node.tryFindChild(SHARED_ID) ?? new Construct(stack, SHARED_ID);
    const id = idOf(alerts, stack);
    return (shared.node.tryFindChild(id) as EventSubscriptions | undefined) ?? new EventSubscriptions(shared, id, alerts);
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
    const resource = new DbEventSubscription(this, type, {
      name: physicalName(this, { max: 255, suffix: type }),
      snsTopic: this.#alerts.topicArn('critical'),
      sourceType: type,
      sourceIds: Lazy.listValue({ produce: () => [...names].sort() }),
      eventCategories: [...SUBSCRIBED[type]],
      enabled: true,
    });
    const subscription = { names, resource };
    this.#subscribed.set(type, subscription);
    return subscription;
  }
}

/** By its path in the stack, which stays, or in the application where it is another stack's. */
function idOf(alerts: IAlertChannel, stack: EnvironmentStack): string {
  const { path } = alerts.node;
  const inStack = `${stack.node.path}/`;
  return (path.startsWith(inStack) ? path.slice(inStack.length) : path).replaceAll('/', '-');
}

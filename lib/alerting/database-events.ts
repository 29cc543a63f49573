import { CloudwatchEventRule } from '@cdktf/provider-aws/lib/cloudwatch-event-rule';
import { CloudwatchEventTarget } from '@cdktf/provider-aws/lib/cloudwatch-event-target';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { TenantryError } from '../core/errors';
import { count } from '../core/text';
import { EnvironmentStack } from '../environment/environment-stack';
import { physicalName } from '../environment/physical-name';
import type { IAlertChannel } from './alert-channel-ref';
import { EventSubscriptions, type SubscribedSource } from './event-subscriptions';
import { DATABASE_EVENTS, DETAIL_TYPES, type EventSource, OTHER_CATEGORIES, SUBSCRIBED } from './event-table';
import type { MonitoredDatabase } from './monitored-database';
import { SEVERITIES, type Severity } from './severity';

/** Where the table of events is, with what to do. */
const RUNBOOK = 'lib/alerting/README.md#events';

export interface DatabaseEventsProps {
  readonly alerts: IAlertChannel;
  /** The cluster and its declared instances. Readers that autoscaling adds are not in it: RDS names them, and their events name no cluster. @default - none */
  readonly database?: Pick<MonitoredDatabase, 'dimension' | 'instanceIdentifiers'>;
  /** Proxies. Their ARNs hold an id that AWS makes up. @default - none */
  readonly proxies?: readonly { readonly proxyName: string; readonly proxyArn: string }[];
  /** What has to be there before it is subscribed to: cluster and instances. @default - nothing */
  readonly dependsOn?: readonly ITerraformDependable[];
}

interface Watched {
  readonly type: EventSource;
  readonly name: string;
  /** What the ARN in an event has to be, as EventBridge filters it: one of these. */
  readonly arns: readonly (string | { readonly suffix: string })[];
}

/** Characters. Source: Amazon EventBridge quotas, event pattern size. */
const LONGEST_PATTERN = 2048;

/**
 * Tells events of databases by two paths that do not depend on each other: EventBridge, by event and severity, in near-real time; and a subscription of RDS that the databases of the stack share, for what
 * is critical, up to five minutes later. What RDS sends twice is told twice.
 *
 * RDS emits events "on a best effort basis": they may be missing or out of order. They are the earliest sign of a failover, never the only one.
 *
 * Sources: Amazon RDS User Guide, Monitoring Amazon RDS events; Overview of Amazon RDS event notification.
 */
export class DatabaseEvents extends Construct {
  /** By severity, and `unlisted` for events that AWS has added since. */
  readonly rules: ReadonlyMap<Severity | 'unlisted', CloudwatchEventRule>;

  constructor(scope: Construct, id: string, props: DatabaseEventsProps) {
    super(scope, id);
    const watched = this.#watched(props);
    const types = (Object.keys(DETAIL_TYPES) as EventSource[]).filter((type) => watched.some((one) => one.type === type));
    if (types.length === 0) {
      throw new TenantryError('input', { code: 'alerting/no-event-source', at: this.node.path, problem: 'Neither a database nor a proxy is given, so that there is nothing whose events could be told.', fix: 'Give database, or proxies.' });
    }
    const listed = DATABASE_EVENTS.filter(({ source }) => types.includes(source));
    const rules = new Map<Severity | 'unlisted', CloudwatchEventRule>();
    for (const severity of SEVERITIES) {
      const ids = listed.filter((event) => event.severity === severity).map((event) => event.id).sort();
      if (ids.length > 0) rules.set(severity, this.#rule(severity, severity, watched, types, { EventID: ids }, props.alerts));
    }
    const known = listed.filter(({ category }) => OTHER_CATEGORIES.includes(category)).map((event) => event.id).sort();
    const unlisted = { EventCategories: OTHER_CATEGORIES, EventID: [{ 'anything-but': known }] };
    rules.set('unlisted', this.#rule('unlisted', 'warning', watched, types, unlisted, props.alerts));
    this.rules = rules;
    const subscriptions = EventSubscriptions.forStack(this, props.alerts);
    for (const type of Object.keys(SUBSCRIBED) as SubscribedSource[]) {
      const names = watched.filter((one) => one.type === type).map(({ name }) => name);
      if (names.length > 0) subscriptions.add(type, names, props.dependsOn);
    }
  }

  #watched({ database, proxies = [] }: DatabaseEventsProps): Watched[] {
    const clusters = database?.dimension.name === 'DBClusterIdentifier' ? [database.dimension.value] : [];
    const instances = database === undefined ? [] : [...new Set([...(clusters.length === 0 ? [database.dimension.value] : []), ...database.instanceIdentifiers])];
    return [
      ...clusters.map((name): Watched => ({ type: 'db-cluster', name, arns: [{ suffix: `:cluster:${name}` }] })),
      ...instances.map((name): Watched => ({ type: 'db-instance', name, arns: [{ suffix: `:db:${name}` }] })),
      // The ARN of a proxy ends with an id; that of the only event of one which AWS's guide prints, with its name. (RDS Proxy events.)
      ...proxies.map(({ proxyName, proxyArn }): Watched => ({ type: 'db-proxy', name: proxyName, arns: [proxyArn, { suffix: `:db-proxy:${proxyName}` }] })),
    ];
  }

  #rule(id: string, severity: Severity, watched: readonly Watched[], types: readonly EventSource[], detail: Readonly<Record<string, unknown>>, alerts: IAlertChannel): CloudwatchEventRule {
    const { account, region } = EnvironmentStack.of(this).environment;
    // By ARN: the identifier in an event has a prefix now and then. By its end: the pattern has a quota.
    const pattern = JSON.stringify({ 'source': ['aws.rds'], 'account': [account], 'region': [region], 'detail-type': types.map((type) => DETAIL_TYPES[type]), 'detail': { SourceArn: watched.flatMap(({ arns }) => arns), ...detail } });
    if (pattern.length > LONGEST_PATTERN) throw tooLong(this, pattern.length, watched.length);
    const rule = new CloudwatchEventRule(this, id, {
      name: physicalName(this, { max: 64, suffix: id }),
      description: `Events of databases that are ${id === 'unlisted' ? 'not in the table' : severity}`,
      eventPattern: pattern,
    });
    new CloudwatchEventTarget(rule, 'Topic', {
      rule: rule.name,
      targetId: 'topic',
      arn: alerts.topicArn(severity),
      inputTransformer: {
        inputPaths: { what: '$.detail.Message', of: '$.detail.SourceIdentifier', event: '$.detail.EventID', at: '$.time', region: '$.region', account: '$.account' },
        inputTemplate: `"${severity.toUpperCase()} <of>: <what> (<event>, ${PLACE}). What to do: ${RUNBOOK}"`,
      },
    });
    return rule;
  }
}

const tooLong = (scope: Construct, length: number, sources: number): TenantryError => new TenantryError('input', {
  code: 'alerting/event-pattern', at: scope.node.path,
  problem: `A rule that names these ${sources} sources has a pattern of ${count(length, 'character')}, and EventBridge takes ${count(LONGEST_PATTERN, 'character')}.`,
  fix: 'Give the cluster a shorter clusterIdentifier: the names of its instances begin with it.',
  source: 'Amazon EventBridge quotas',
});

const PLACE = '<at>, account <account>, <region>';

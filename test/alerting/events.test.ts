import { CloudwatchEventRule } from '@cdktf/provider-aws/lib/cloudwatch-event-rule';
import { CloudwatchEventTarget } from '@cdktf/provider-aws/lib/cloudwatch-event-target';
import { DbEventSubscription } from '@cdktf/provider-aws/lib/db-event-subscription';
import { S3Bucket } from '@cdktf/provider-aws/lib/s3-bucket';
import { Construct } from 'constructs';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { AlarmSet } from '../../lib/alerting/alarm-set';
import { DatabaseEvents, type DatabaseEventsProps } from '../../lib/alerting/database-events';
import { DATABASE_EVENTS, DETAIL_TYPES, OTHER_CATEGORIES } from '../../lib/alerting/event-table';
import { OUTAGE_CAUSES } from '../../lib/alerting/service-down';
import { CloudWatch } from '../support/cloudwatch';
import { matchesEvent, transformed } from '../support/cloudwatch/event-pattern';
import { expectRefusal, type Json, type SynthesizedStack, synthesizeStack, testStack } from '../support/synth';
import { healthy, HOUR, MONDAY, publish } from './day';
import { importedChannel, monitoredDatabase } from './fixture';

function make(props: Partial<DatabaseEventsProps> = { database: monitoredDatabase() }): SynthesizedStack {
  const stack = testStack();
  new DatabaseEvents(stack, 'Events', { alerts: importedChannel(stack), ...props });
  return synthesizeStack(stack);
}

const ARNS = { 'db-cluster': 'arn:aws:rds:eu-central-1:123456789012:cluster:shop', 'db-instance': 'arn:aws:rds:eu-central-1:123456789012:db:shop-a', 'db-proxy': 'arn:aws:rds:eu-central-1:123456789012:db-proxy:prx-1' };

/** As RDS sends it to EventBridge: Amazon RDS User Guide, Example of a DB instance event. */
const event = (id: string, source: keyof typeof ARNS, category: string, arn: string = ARNS[source]): Json => ({
  'version': '0', 'id': '68f6e973-1a0c-d37b-f2f2-94a7f62ffd4e', 'detail-type': DETAIL_TYPES[source], 'source': 'aws.rds', 'account': arn.split(':')[4], 'time': '2026-11-21T22:36:43Z', 'region': arn.split(':')[3], 'resources': [arn],
  'detail': { EventCategories: [category], SourceType: 'DB_INSTANCE', SourceArn: arn, Date: '2026-11-21T22:36:43.292Z', Message: 'It "happened".', SourceIdentifier: 'rds:shop', EventID: id },
});

/** Which topics are told what. */
function told(stack: SynthesizedStack, happened: Json): [topic: string, text: string][] {
  return stack.resources(CloudwatchEventTarget).flatMap(({ arguments: { rule, arn, input_transformer } }): [string, string][] => {
    const found = stack.resources(CloudwatchEventRule).find(({ address }) => rule === `\${${address}.name}`);
    return matchesEvent(JSON.parse(found?.arguments.event_pattern), happened) ? [[arn.split(':').pop(), transformed(input_transformer, happened)]] : [];
  });
}
const topics = (stack: SynthesizedStack, happened: Json): string[] => told(stack, happened).map(([topic]) => topic);

describe('events of databases', () => {
  const stack = make({ database: monitoredDatabase(), proxies: [{ proxyName: 'shop-proxy', proxyArn: ARNS['db-proxy'] }] });

  it('are each told to the topic of their severity, and to no other; a scaling that fails is among them', () => {
    for (const { id, source, category, severity } of DATABASE_EVENTS) expect(topics(stack, event(id, source, category)), id).toEqual([severity]);
    for (const id of ['RDS-EVENT-0143', 'RDS-EVENT-0157', 'RDS-EVENT-0219', 'RDS-EVENT-0220', 'RDS-EVENT-0223', 'RDS-EVENT-0224', 'RDS-EVENT-0231', 'RDS-EVENT-0237', 'RDS-EVENT-0254', 'RDS-EVENT-0270']) {
      expect(DATABASE_EVENTS.find((one) => one.id === id), id).toMatchObject({ severity: 'warning' });
    }
  });

  it('are told as a sentence that says what, where, when, and where to read on', () => {
    expect(told(stack, event('RDS-EVENT-0073', 'db-cluster', 'failover'))).toEqual([['critical', 'CRITICAL rds:shop: It "happened". (RDS-EVENT-0073, 2026-11-21T22:36:43Z, account 123456789012, eu-central-1). What to do: lib/alerting/README.md#events']]);
  });

  it('are warnings where AWS has added them to a category that tells of trouble, and else not told', () => {
    for (const category of OTHER_CATEGORIES) expect(topics(stack, event('RDS-EVENT-9999', 'db-instance', category)), category).toEqual(['warning']);
    expect(topics(stack, event('RDS-EVENT-9999', 'db-instance', 'backup'))).toEqual([]);
    expect(topics(stack, event('RDS-EVENT-0001', 'db-instance', 'backup'))).toEqual([]);
  });

  it('are those of this cluster, its declared instances and its proxies', () => {
    for (const arn of ['arn:aws:rds:eu-central-1:123456789012:db:shop-b', ARNS['db-instance']]) expect(topics(stack, event('RDS-EVENT-0031', 'db-instance', 'failure', arn))).toEqual(['critical']);
    for (const arn of ['arn:aws:rds:eu-central-1:123456789012:db:shop-a2', 'arn:aws:rds:eu-central-1:123456789012:db:shop-2-a', 'arn:aws:rds:eu-central-1:123456789012:db:my-shop-a', 'arn:aws:rds:eu-west-1:123456789012:db:shop-a', 'arn:aws:rds:eu-central-1:210987654321:db:shop-a']) expect(topics(stack, event('RDS-EVENT-0031', 'db-instance', 'failure', arn))).toEqual([]);
    expect(topics(make(), event('RDS-EVENT-0243', 'db-proxy', 'failure'))).toEqual([]);
    // AWS's guide prints an event whose ARN ends with the name, where that of the proxy ends with an id.
    const ofProxy = (name: string): Json => event('RDS-EVENT-0243', 'db-proxy', 'failure', `arn:aws:rds:eu-central-1:123456789012:db-proxy:${name}`);
    expect(['prx-1', 'shop-proxy', 'other'].map((name) => topics(stack, ofProxy(name)))).toEqual([['warning'], ['warning'], []]);
  });

  it('come by a second path where they are critical, after cluster and instances are there', () => {
    const subscriptions = Object.fromEntries(stack.resources(DbEventSubscription).map(({ arguments: { source_type, source_ids, event_categories, sns_topic, enabled, name } }) => [source_type, { source_ids, event_categories, sns_topic, enabled, name }]));
    const common = { sns_topic: 'arn:aws:sns:eu-central-1:123456789012:critical', enabled: true };
    expect(subscriptions).toEqual({
      'db-cluster': { ...common, name: 'shop-staging-data-event-subscriptions-alerts-events-db-cluster-1fdf003f', source_ids: ['shop'], event_categories: ['failover', 'failure'] },
      'db-instance': { ...common, name: 'shop-staging-data-event-subscriptions-alerts-events-db-instance-06968823', source_ids: ['shop-a', 'shop-b'], event_categories: ['failover', 'failure', 'low storage', 'recovery'] },
    });
  });

  it('take as few subscriptions as a stack has channels, because an account has 20; each database is subscribed to when it is there, whatever the order', () => {
    const withDatabases = (names: readonly string[]) => {
      const many = testStack();
      const alerts = importedChannel(many);
      for (const name of names) {
        const bucket = new S3Bucket(many, `Bucket${name}`);
        new DatabaseEvents(many, name, { alerts, database: monitoredDatabase({ dimension: { name: 'DBClusterIdentifier', value: name }, instanceIdentifiers: [`${name}-b`, `${name}-a`] }), dependsOn: [bucket] });
      }
      new DatabaseEvents(many, 'Other', { alerts: importedChannel(many, 'OtherTeam'), database: monitoredDatabase() });
      return synthesizeStack(many).resources(DbEventSubscription).map(({ address, arguments: { name, source_ids, depends_on } }) => ({ address, name, source_ids, depends_on }));
    };
    const subscriptions = withDatabases(['x', 'y']);
    expect(subscriptions.map(({ address, source_ids }) => [address.replace(/_[0-9A-F]{8}$/, ''), source_ids])).toEqual([
      ['aws_db_event_subscription.EventSubscriptions_Alerts_Events_db-cluster', ['x', 'y']], ['aws_db_event_subscription.EventSubscriptions_Alerts_Events_db-instance', ['x-a', 'x-b', 'y-a', 'y-b']],
      ['aws_db_event_subscription.EventSubscriptions_OtherTeam_Events_db-cluster', ['shop']], ['aws_db_event_subscription.EventSubscriptions_OtherTeam_Events_db-instance', ['shop-a', 'shop-b']],
    ]);
    expect(subscriptions.map(({ depends_on }) => depends_on?.length)).toEqual([2, 2, undefined, undefined]);
    const listed = (all: typeof subscriptions) => all.map(({ name, source_ids }) => ({ name, source_ids }));
    expect(listed(withDatabases(['y', 'x']))).toEqual(listed(subscriptions));
    // Another list has another name, and Terraform replaces the subscription: the old one goes before the database that it names.
    const names = (all: typeof subscriptions) => all.map(({ name }) => name as string);
    expect(names(withDatabases(['x'])).map((name, i) => name === names(subscriptions)[i])).toEqual([false, false, true, true]);
  });

  it('tell each channel, also where the names of two differ in punctuation alone', () => {
    const many = testStack();
    const channels = [importedChannel(many, 'Team-A'), importedChannel(new Construct(many, 'Team'), 'A'), importedChannel(many, 'Team_A')];
    channels.forEach((alerts, i) => new DatabaseEvents(many, `Events${i}`, { alerts, database: monitoredDatabase() }));
    const subscriptions = synthesizeStack(many).resources(DbEventSubscription);
    expect(subscriptions).toHaveLength(6);
    expect(new Set(subscriptions.map(({ arguments: { name } }) => name)).size).toBe(6);
  });

  it('[DBAAS-4.5] come beside the alarm that tells of an outage within a minute when no event comes at all', () => {
    const both = testStack();
    const database = monitoredDatabase();
    new DatabaseEvents(both, 'Events', { alerts: importedChannel(both), database });
    const { resolved } = new AlarmSet(both, 'Alarms', { alerts: importedChannel(both, 'AlarmChannel'), database });
    const json = synthesizeStack(both);
    expect(topics(json, event('RDS-EVENT-0013', 'db-instance', 'failover'))).toEqual(['critical']);
    expect(json.resources(DbEventSubscription).every(({ arguments: { sns_topic } }) => sns_topic.endsWith(':critical'))).toBe(true);

    const causes = resolved.filter(({ definition: { id } }) => OUTAGE_CAUSES.some((cause) => cause.id === id));
    const [start, outage] = [20 * HOUR, 21 * HOUR];
    const store = publish(causes, database, (metric) => (second) => (second < outage ? healthy(metric, database)(second) : undefined), { from: start, to: outage + HOUR });
    const cloudWatch = new CloudWatch(json, store, (name) => name === 'shop-service-down' || causes.some(({ alarmName }) => alarmName === name));
    cloudWatch.run({ from: MONDAY + start + HOUR / 2, to: MONDAY + outage + HOUR });
    const told = cloudWatch.told.find(({ alarm, state }) => alarm === 'shop-service-down' && state === 'ALARM');
    expect(told?.topics).toEqual(['arn:aws:sns:eu-central-1:123456789012:critical']);
    expect(told?.time).toBeGreaterThan(MONDAY + outage);
    expect(told?.time).toBeLessThanOrEqual(MONDAY + outage + 60);
  });

  it('are those of an instance alone where there is no cluster', () => {
    const alone = make({ database: monitoredDatabase({ dimension: { name: 'DBInstanceIdentifier', value: 'shop' }, instanceIdentifiers: ['shop'] }) });
    expect(alone.resources(DbEventSubscription).map(({ arguments: { source_type, source_ids } }) => [source_type, source_ids])).toEqual([['db-instance', ['shop']]]);
    expect(topics(alone, event('RDS-EVENT-0013', 'db-instance', 'failover', 'arn:aws:rds:eu-central-1:123456789012:db:shop'))).toEqual(['critical']);
    expect(topics(alone, event('RDS-EVENT-0073', 'db-cluster', 'failover'))).toEqual([]);
  });

  it('fit into a rule with the most instances that a cluster has, unless their names are very long', () => {
    const withNames = (length: number) => make({ database: monitoredDatabase({ instanceIdentifiers: Array.from({ length: 16 }, (_, i) => `${'x'.repeat(length - 2)}${10 + i}`) }) });
    for (const { arguments: { event_pattern } } of withNames(40).resources(CloudwatchEventRule)) expect(event_pattern.length).toBeLessThanOrEqual(2048);
    expectRefusal(() => withNames(63), 'alerting/event-pattern', `alerting/event-pattern  at staging-data/Events

  A rule that names these 17 sources has a pattern of 2,127 characters, and EventBridge takes 2,048 characters.

  Give the cluster a shorter clusterIdentifier: the names of its instances begin with it.

  Source: Amazon EventBridge quotas`);
  });

  it('are of something', () => {
    expectRefusal(() => make({}), 'alerting/no-event-source', `alerting/no-event-source  at staging-data/Events

  Neither a database nor a proxy is given, so that there is nothing whose events could be told.

  Give database, or proxies.`);
  });

  it('stand once in the table, and in the README as it is', () => {
    expect(DATABASE_EVENTS.map(({ id }) => id).sort()).toEqual([...new Set(DATABASE_EVENTS.map(({ id }) => id))].sort());
    const readme = readFileSync('lib/alerting/README.md', 'utf8');
    const printed = [...readme.matchAll(/^\| (RDS-EVENT-\d+) \| (\S+) \| ([\w ]+) \| (\w+) \| (.+) \|$/gm)].map(([, id, source, category, severity, message]) => ({ id, source, category, severity, message }));
    expect(printed).toEqual(DATABASE_EVENTS);
  });
});

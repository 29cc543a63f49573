import { CloudwatchCompositeAlarm } from '@cdktf/provider-aws/lib/cloudwatch-composite-alarm';
import { App } from 'cdktf';
import { expect, it } from 'vitest';
import { AlertChannel, AlertTarget, DatabaseDashboard, DatabaseEvents, LogMetrics, MaintenanceQuiet, MaintenanceWindow, OsMetrics } from '../../lib/alerting';
import { AlarmSet } from '../../lib/alerting/alarm-set';
import { databaseLogGroup } from '../../lib/construct/log-group';
import { Duration } from '../../lib/core/duration';
import { EncryptionKey } from '../../lib/encryption';
import { rehearse } from '../../lib/rehearsal';
import { testStack } from '../support/synth';
import { describeTerraform } from '../support/terraform';
import { monitoredDatabase } from './fixture';

describeTerraform('a stack that alerts, rehearsed', () => {
  it('[ARC-9.4] closes, comes to rest and is destroyed', { timeout: 120_000 }, async () => {
    const stack = testStack();
    const channel = new AlertChannel(stack, 'Alerts', {
      critical: [AlertTarget.email('on-call@example.com'), AlertTarget.https('https://alerts.example.com/sns', { confirmsItself: true })],
      warning: [AlertTarget.email('team@example.com')],
      info: [AlertTarget.topic('arn:aws:sns:eu-central-1:210987654321:chat')],
      escalation: [{ after: Duration.minutes(15), targets: [AlertTarget.email('lead@example.com')] }, { after: Duration.hours(1), targets: [AlertTarget.topic('arn:aws:sns:eu-central-1:210987654321:boss')] }],
    });
    const { suppressor } = new MaintenanceQuiet(stack, 'Quiet', { window: MaintenanceWindow.forRegion('eu-central-1'), database: { dimension: { name: 'DBClusterIdentifier', value: 'shop' } } });
    new CloudwatchCompositeAlarm(stack, 'Composite', { alarmName: 'shop-cpu-told', alarmRule: 'ALARM("shop-cpu")', alarmActions: [channel.topicArn('critical')], actionsSuppressor: suppressor });

    const database = monitoredDatabase();
    new OsMetrics(stack, 'OsMetrics', { alerts: channel });
    new LogMetrics(stack, 'LogMetrics', { database, logGroups: { postgresql: databaseLogGroup(stack, 'Log', '/aws/rds/cluster/shop/postgresql', EncryptionKey.forStack(stack)) } });
    new DatabaseEvents(stack, 'Events', { database, alerts: channel });
    const alarms = new AlarmSet(stack, 'Alarms', { database, alerts: channel, quiet: suppressor });
    new DatabaseDashboard(stack, 'Dashboard', { database, alarms, extraWidgets: [{ type: 'text', properties: { markdown: '${LABEL} %{if}' } }] });

    const app = App.of(stack);
    app.synth();
    const { stacks, schemaOnly, warnings } = await rehearse({ from: process.cwd(), dir: app.outdir });
    expect({ steps: stacks.map(({ steps }) => steps.map(({ step }) => step).join(', ')), unsettled: stacks.flatMap(({ differs }) => differs), actions: [...new Set(stacks.flatMap(({ changes }) => changes.map(({ action }) => action)))], schemaOnly, warnings })
      .toEqual({ steps: ['validate, plan, apply, second plan, destroy'], unsettled: [], actions: ['create'], schemaOnly: [], warnings: [] });
  });
});

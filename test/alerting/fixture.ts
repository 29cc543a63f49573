import { Construct } from 'constructs';
import type { IAlertChannel } from '../../lib/alerting/alert-channel-ref';
import type { MonitoredDatabase } from '../../lib/alerting/monitored-database';
import type { Severity } from '../../lib/alerting/severity';
import { Duration } from '../../lib/core/duration';
import { Size } from '../../lib/core/size';

class Channel extends Construct implements IAlertChannel {
  topicArn(severity: Severity): string {
    return `arn:aws:sns:eu-central-1:123456789012:${severity}`;
  }
}

/** Topics that exist, so that a test sees only what it is about. */
export const importedChannel = (scope: Construct, id = 'Alerts'): IAlertChannel => new Channel(scope, id);

/** A cluster of Aurora PostgreSQL with a writer and a reader. */
export const monitoredDatabase = (more: Partial<MonitoredDatabase> = {}): MonitoredDatabase => ({
  language: 'postgresql', storage: 'aurora', dimension: { name: 'DBClusterIdentifier', value: 'shop' }, hasRoles: true, instanceIdentifiers: ['shop-a', 'shop-b'], readers: 1, vcpu: 2, memory: Size.gibibytes(16), maxConnections: 1600, pauses: false, osMetrics: true,
  largestStorage: Size.tebibytes(128), monitoringSeconds: 5, logGroupNames: { 'postgresql': '/aws/rds/cluster/shop/postgresql', 'iam-db-auth-error': '/aws/rds/cluster/shop/iam-db-auth-error' }, slowStatement: Duration.seconds(1), notifyWithin: Duration.seconds(60), ...more,
});

import type { Construct } from 'constructs';
import { AlertChannel, AlertTarget, DatabaseNetwork, Duration, EncryptionKey, type Environment, EnvironmentStack, OsMetrics } from 'tenantry';

/** What other layers stand on, and what outlives them: the network, the key, who is told, and the metrics of all operating systems. */
export class Foundation extends EnvironmentStack {
  readonly key: EncryptionKey;
  readonly network: DatabaseNetwork;
  readonly alerts: AlertChannel;
  readonly osMetrics: OsMetrics;

  constructor(scope: Construct, { environment }: { readonly environment: Environment }) {
    super(scope, 'foundation', { environment });
    this.key = new EncryptionKey(this, 'Key');
    this.network = new DatabaseNetwork(this, 'Network', { encryptionKey: this.key });
    this.alerts = new AlertChannel(this, 'Alerts', {
      encryptionKey: this.key,
      critical: [AlertTarget.email(`on-call+${environment.owner}@example.com`)],
      warning: [AlertTarget.email(`${environment.owner}@example.com`)],
      escalation: [{ after: Duration.minutes(15), targets: [AlertTarget.email('head-of-platform@example.com')] }],
    });
    this.osMetrics = new OsMetrics(this, 'OsMetrics', { alerts: this.alerts, encryptionKey: this.key });
  }
}

import type { Construct } from 'constructs';
import { DatabaseNetwork, EncryptionKey, type Environment, EnvironmentStack } from 'tenantry';

/** What other layers stand on, and what outlives them: the network and the key. */
export class Foundation extends EnvironmentStack {
  readonly key: EncryptionKey;
  readonly network: DatabaseNetwork;

  constructor(scope: Construct, { environment }: { readonly environment: Environment }) {
    super(scope, 'foundation', { environment });
    this.key = new EncryptionKey(this, 'Key');
    this.network = new DatabaseNetwork(this, 'Network', { encryptionKey: this.key });
  }
}

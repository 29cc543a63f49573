import { Complaints } from '../../core/errors';
import { Bindings } from '../schema/bindings';
import { AWS } from '../aws/behaviour';
import type { Faults } from '../cloud/faults';
import { Store } from '../cloud/store';
import type { Behaviour } from '../provider/behaviour';
import { Catalog } from '../provider/catalog';
import { GENERIC } from '../provider/generic';
import { StandInProvider } from '../provider/provider';
import type { SynthesizedStack } from './application';
import { versionComplaint } from './provider-version';
import { usageOf } from './usage';

/** A provider that is stood in for. */
export interface StandIn {
  /** `registry.terraform.io/hashicorp/aws` */
  readonly address: string;
  readonly name: string;
  readonly version: string;
  readonly catalog: Catalog;
  readonly behaviour: Behaviour;
}

/** `aws`, `hashicorp/aws` and `registry.terraform.io/hashicorp/aws` are one address. */
export function providerAddress(name: string, source: string | undefined): string {
  const parts = (source ?? name).split('/');
  return [...['registry.terraform.io', 'hashicorp'].slice(0, 3 - parts.length), ...parts].join('/');
}

export const behaviourOf = (provider: string): Behaviour => (provider === 'aws' ? AWS : GENERIC);

/**
 * The stand-ins for every provider that the stacks require.
 *
 * @throws TenantryError (`input`) where there are no bindings of a provider, or of another version
 */
export function standInsFor(stacks: readonly SynthesizedStack[], from: string, typesInState: readonly string[]): StandIn[] {
  const required = stacks.flatMap(({ constructPath, configuration }) => Object.entries(configuration.terraform?.required_providers ?? {}).map(([name, { source, version }]) => ({ stack: constructPath, address: providerAddress(name, source), version })));
  const complaints = new Complaints();
  const standIns = [...new Set(required.map(({ address }) => address))].sort().map((address) => {
    const name = address.split('/').pop() as string;
    const bindings = Bindings.of(name, { from });
    const behaviour = behaviourOf(name);
    for (const one of required.filter((other) => other.address === address)) {
      const complaint = versionComplaint(one.stack, address, one.version, bindings.providerVersion);
      if (complaint !== undefined) complaints.add(complaint);
    }
    return { address, name, version: bindings.providerVersion, behaviour, catalog: new Catalog(bindings, behaviour.knowledge, usageOf(stacks, name, typesInState)) };
  });
  complaints.throwIfAny();
  return standIns;
}

/** By address, what makes a provider for each connection of Terraform. */
export function connectionsOf(standIns: readonly StandIn[], objects: string, faults: Faults): Record<string, () => StandInProvider> {
  const store = new Store(objects);
  return Object.fromEntries(standIns.map(({ address, catalog, behaviour }) => [address, () => new StandInProvider({ catalog, behaviour, store, faults })]));
}

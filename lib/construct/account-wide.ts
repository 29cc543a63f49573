import type { IConstruct } from 'constructs';
import { EnvironmentStack } from '../environment/environment-stack';

/** What the constructs of an application know of each other, for each account and region that it is deployed to. */
export class AccountWide<Value> {
  readonly #apps = new WeakMap<IConstruct, Map<string, Map<string, Value>>>();

  /** That of the account and region of a construct. */
  of(construct: IConstruct): Map<string, Value> {
    const { account, region } = EnvironmentStack.of(construct).environment;
    const { root } = construct.node;
    const places = this.#apps.get(root) ?? new Map<string, Map<string, Value>>();
    this.#apps.set(root, places);
    const place = `${account}/${region}`;
    const known = places.get(place) ?? new Map<string, Value>();
    places.set(place, known);
    return known;
  }
}

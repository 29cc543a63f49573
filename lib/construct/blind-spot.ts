import type { TerraformResource } from 'cdktf';
import type { IConstruct } from 'constructs';

/** An argument whose changes Terraform does not see, because something other than the declaration moves it: the search for drift has to ask AWS itself. */
export interface BlindSpot {
  /** Construct path of the resource, for instance `production-data/Cluster/Scaling/Target`. */
  readonly resource: string;
  /** As Terraform calls it, for instance `snapshot_identifier`. */
  readonly argument: string;
  /** Why it is not compared; it goes on from "…, because". */
  readonly reason: string;
  /** Where that comes from. */
  readonly source: string;
}

/** Two copies of this package may be loaded: a module's own map would not be one. */
const RECORDED = Symbol.for('tenantry/blindSpots');

interface Recording {
  [RECORDED]?: readonly BlindSpot[];
}

/**
 * Makes Terraform ignore changes of one argument. The only way to do that here: what is ignored has a reason, and is listed.
 *
 * @returns what the construct has to show in its `blindSpots`
 */
export function ignoreChanges(resource: TerraformResource, { argument, reason, source }: Omit<BlindSpot, 'resource'>): BlindSpot {
  const ignored = resource.lifecycle?.ignoreChanges ?? [];
  if (ignored !== 'all') resource.lifecycle = { ...resource.lifecycle, ignoreChanges: [...ignored, argument] };
  const spot: BlindSpot = { resource: resource.node.path, argument, reason, source };
  const recording = resource as Recording;
  recording[RECORDED] = [...(recording[RECORDED] ?? []), spot];
  return spot;
}

/** Everything under a construct, or in a stack, that Terraform does not compare. */
export const blindSpotsIn = (scope: IConstruct): BlindSpot[] => scope.node.findAll().flatMap((node) => (node as Recording)[RECORDED] ?? []);

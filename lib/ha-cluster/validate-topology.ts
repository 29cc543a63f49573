import { isKnown, isLeftToTerraform } from '../construct/known';
import type { Complaint } from '../core/errors';
import { shown } from '../core/shown';
import { listOf } from '../core/text';
import type { ParameterValues } from '../engine/parameters/value';
import { checkStorage } from '../engine/rds-storage';
import { checkServerless } from '../engine/serverless-range';
import { alternativesTo } from './alternatives';
import { alternativeFor, judgedWith } from './objectives';
import { checkStorageGrowth } from './scaling/storage';
import { auroraInstances, type AuroraTopology, MAX_READERS, TOPOLOGY_NAMES, type TopologyKind } from './topology';
import type { ValidationContext } from './validate';

/** Source: AWS, Quotas and constraints for Amazon Aurora. */
const MAX_ENDPOINTS = 5;
const LONGEST_LABEL = 63;

/** What is wrong with a topology in its zones and environment, whatever it promises. */
export function checkTopology(context: ValidationContext): Complaint[] {
  const { topology, environment, sizing: { capacity }, props: { engine, parameters = {} } } = context;
  const complaints = topology.kind === 'aurora'
    ? checkAurora(topology, context)
    : [...checkZones(context), ...checkStorage(topology.storage, engine, topology.kind), ...checkStorageGrowth(topology.kind, topology.storage)];
  if (capacity.kind === 'serverless') complaints.push(...checkServerless(capacity.range, { engine, insights: true, parameters: plainValues(parameters) }));
  if (topology.kind === 'single' && environment.stage !== 'development') {
    complaints.push({
      code: 'ha-cluster/single-instance', problem: `A single instance falls with its zone: it is for development alone, and this is ${environment.stage}.`,
      fix: survivingTopology(context),
    });
  }
  if (capacity.kind === 'provisioned' && capacity.instance.burstable && environment.stage === 'production') {
    complaints.push({
      code: 'ha-cluster/burstable', problem: `${capacity.instance.name} has a part of its processors only while credits last, and production does not run on credits.`,
      fix: 'Give a class such as db.r8g.large.', source: 'AWS, DB instance classes',
    });
  }
  return complaints;
}

/** One that survives its zone, and keeps what the cluster promises. */
function survivingTopology(context: ValidationContext): string {
  const cluster = judgedWith(context, true);
  const found = alternativeFor(cluster) ?? alternativesTo(cluster, cluster.facts).at(-1);
  return found === undefined ? 'Give topology: Topology.multiAzInstance({ … })' : `${found.does}   ${found.code}`;
}

export const plainValues = (parameters: ParameterValues): Record<string, string | number | boolean> =>
  Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, typeof value === 'object' ? value.value : value]));

/** Zones that a topology is spread over. Aurora is judged by its readers. */
const NEEDED_ZONES: Readonly<Record<TopologyKind, number>> = { 'aurora': 1, 'multi-az-cluster': 3, 'multi-az-instance': 2, 'single': 1 };

function checkZones({ topology, zones }: ValidationContext): Complaint[] {
  const needed = NEEDED_ZONES[topology.kind];
  if (zones.length >= needed) return [];
  return [{
    code: 'ha-cluster/too-few-zones', problem: `The network has ${zones.length === 1 ? 'only the zone' : 'the zones'} ${listOf(zones)}, and ${TOPOLOGY_NAMES[topology.kind]} needs ${needed}.`,
    fix: `Give the network a subnet in ${needed - zones.length === 1 ? 'another zone' : `${needed - zones.length} more zones`}.`,
  }];
}

function checkAurora(topology: AuroraTopology, { zones, identifier }: ValidationContext): Complaint[] {
  const { readers } = topology;
  if (isLeftToTerraform(readers)) return [{ code: 'ha-cluster/readers', problem: 'readers is a number that only Terraform knows, and each reader has an address of its own.', fix: 'Give the number itself, from the data of the environment for instance.' }];
  if (!Number.isInteger(readers) || readers < 0 || readers > MAX_READERS) {
    return [{ code: 'ha-cluster/readers', problem: `readers is ${shown(readers)}; Aurora takes 0 to ${MAX_READERS}.`, fix: 'Give a number in between.', source: 'AWS, Aurora replication' }];
  }
  const instances = auroraInstances(topology, zones);
  const complaints = [...checkPromotion(topology, instances.map(({ id }) => id)), ...checkEndpoints(topology, instances.map(({ id }) => id), identifier)];
  if (readers > 0 && new Set(instances.map(({ zone }) => zone)).size === 1) {
    complaints.push({ code: 'ha-cluster/one-zone', problem: `The network has only the zone ${listOf(zones)}, so that a reader would fall with the writer.`, fix: 'Give the network a subnet in another zone.' });
  }
  if (topology.furtherReaders !== undefined && readers < 2) {
    complaints.push({ code: 'ha-cluster/further-readers', problem: `furtherReaders gives a size, but there ${readers === 0 ? 'is no reader' : 'is one reader'}: the first one has the writer's size, because it takes its place.`, fix: 'Leave it out, or give readers: 2 or more.' });
  }
  return complaints;
}

function checkPromotion({ promotionOrder = [], furtherReaders }: AuroraTopology, ids: readonly string[]): Complaint[] {
  const complaints = unknownIds('promotionOrder', promotionOrder, ids);
  const twice = new Set(promotionOrder.filter((id, i) => promotionOrder.indexOf(id) !== i));
  if (twice.size > 0) complaints.push({ code: 'ha-cluster/promotion-order', problem: `promotionOrder names ${listOf([...twice])} twice.`, fix: 'Name each instance once.' });
  const smaller = furtherReaders === undefined ? [] : promotionOrder.slice(0, 2).filter((id) => ids.indexOf(id) >= 2);
  if (smaller.length > 0) {
    complaints.push({ code: 'ha-cluster/promotion-size', problem: `promotionOrder puts ${listOf(smaller)} among the first two, which take the writer's place, but furtherReaders gives ${smaller.length === 1 ? 'it' : 'them'} another size.`, fix: `Begin with ${listOf(ids.slice(0, 2))}, or leave furtherReaders out.`, source: 'AWS, Aurora fault tolerance' });
  }
  return complaints;
}

function checkEndpoints({ endpoints = {} }: AuroraTopology, ids: readonly string[], identifier: string): Complaint[] {
  const names = Object.keys(endpoints);
  const complaints = Object.entries(endpoints).flatMap(([name, { members, except }]) => [
    ...checkEndpointName(name, identifier),
    ...unknownIds(`endpoints.${name}`, members ?? except, ids),
    ...((members ?? except).length === 0 ? [{ code: 'ha-cluster/endpoint-empty', problem: `endpoints.${name} names no instance.`, fix: 'The address of all readers is readerEndpointAddress.' }] : []),
  ]);
  if (names.length > 0 && ids.length === 1) complaints.push({ code: 'ha-cluster/endpoints', problem: `There ${names.length === 1 ? 'is an endpoint' : `are ${names.length} endpoints`} over readers, and no reader.`, fix: 'Give readers: 1 or more.' });
  if (names.length > MAX_ENDPOINTS) complaints.push({ code: 'ha-cluster/endpoints', problem: `There are ${names.length} endpoints; Aurora takes ${MAX_ENDPOINTS} besides its own.`, fix: 'Leave some out.', source: 'AWS, Quotas and constraints for Amazon Aurora' });
  return complaints;
}

function checkEndpointName(name: string, identifier: string): Complaint[] {
  const code = 'ha-cluster/endpoint-name';
  const complaints: Complaint[] = [];
  if (!/^[a-z](-?[0-9a-z]){0,19}$/.test(name)) {
    complaints.push({
      code, problem: `${JSON.stringify(name)} cannot be the name of an endpoint: lower-case letters, digits and single hyphens are allowed, at most 20, with a letter in front.`,
      fix: 'The name becomes part of its address; choose one that stays.',
    });
  }
  const full = `${identifier}-${name}`;
  if (isKnown(identifier) && full.length > LONGEST_LABEL) {
    complaints.push({
      code, problem: `The endpoint would be called ${full}, ${full.length} characters; its name begins an address of the internet, where ${LONGEST_LABEL} are allowed.`,
      fix: 'Give it a shorter name, or the cluster a shorter clusterIdentifier before it is made.', source: 'RFC 1035, 2.3.4',
    });
  }
  return complaints;
}

function unknownIds(where: string, given: readonly string[], ids: readonly string[]): Complaint[] {
  return given.filter((id) => !ids.includes(id)).map((id) => ({
    code: 'ha-cluster/no-instance', problem: `${where} names ${JSON.stringify(id)}; the instances are ${listOf(ids)}.`, fix: 'Name them by the letter of their zone, with a number from the second one there.',
  }));
}

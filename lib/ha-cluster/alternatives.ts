import { codeOf } from '../core/shown';
import { Size } from '../core/size';
import { Engine, type DatabaseEngine } from '../engine/engine';
import { type InstanceClass, instanceClasses, InstanceSize } from '../engine/instance-size';
import type { RdsStorage } from '../engine/rds-storage';
import type { Sizing } from './sizing';
import type { AuroraTopology, Topology, TopologyFacts, TopologyKind } from './topology';

/** A cluster as it was declared, so that what could take its place is written with what it has. */
export interface DeclaredCluster {
  readonly engine: DatabaseEngine;
  readonly topology: Topology;
  readonly sizing: Sizing;
}

/** Something else that could be declared. */
export interface Alternative {
  readonly facts: TopologyFacts;
  /** For people: `Add a reader in another zone:`. */
  readonly does: string;
  /** What to type. */
  readonly code: string;
}

const RANGE = { minimum: 1, maximum: 32 };

/** What else there is with the engine, the cheapest first. */
export const alternativesTo = (declared: DeclaredCluster, facts: TopologyFacts): Alternative[] =>
  (declared.topology.kind === 'aurora' ? auroraAlternatives(declared.topology, facts) : rdsAlternatives(declared, facts));

function auroraAlternatives(topology: AuroraTopology, facts: TopologyFacts): Alternative[] {
  const withReader = { ...facts, readers: Math.max(1, facts.readers) };
  const readers = withReader.readers;
  const { instance: _instance, furtherReaders: _furtherReaders, ...rest } = topology;
  const reader = topologyCode({ ...topology, readers });
  const pool = "new ConnectionPool(this, 'Pool', { cluster, … })";
  return [
    { facts: withReader, does: 'Add a reader in another zone:', code: reader },
    { facts: { ...withReader, pooled: true }, does: 'Put a pool in front:', code: facts.readers === 0 ? `${reader}, and ${pool}` : pool },
    { facts: { ...withReader, serverless: true }, does: 'Make it serverless:', code: topologyCode({ ...rest, readers, serverless: topology.serverless ?? RANGE }) },
  ];
}

function rdsAlternatives({ engine, topology, sizing: { capacity } }: DeclaredCluster, facts: TopologyFacts): Alternative[] {
  if (topology.kind === 'aurora') return [];
  const code = (kind: RdsKind): string => {
    const { size, type, iops, throughput, maximum }: RdsStorage = topology.storage;
    const storage = kind === 'multi-az-cluster' ? { size, type, iops } : { size, type, iops, throughput, maximum };
    const given = capacity.kind === 'provisioned' ? capacity.instance : undefined;
    const pinned = kind === 'multi-az-cluster' && engine.pinned ? `, with engine: ${engineCode(engine)}` : '';
    return `${topologyCode({ kind, instance: sizeFor(engine, kind, given, topology.instance), storage })}${pinned}`;
  };
  return [
    { facts: { ...facts, kind: 'multi-az-instance' }, does: 'Add a standby:', code: code('multi-az-instance') },
    { facts: { ...facts, kind: 'multi-az-cluster' }, does: 'Add two standbys that can be read:', code: code('multi-az-cluster') },
  ];
}

type RdsKind = Exclude<TopologyKind, 'aurora' | 'single'>;

/** What there is with an engine of the other storage, in the same language and version: other data, in another cluster. */
export function alternativesElsewhere({ engine, sizing: { capacity } }: DeclaredCluster): Alternative[] {
  const other = counterpartOf(engine);
  if (other === undefined) return [];
  const given = capacity.kind === 'provisioned' ? capacity.instance : undefined;
  const does = 'Take another engine:';
  const offer = (facts: TopologyFacts, topology: string): Alternative => ({ facts, does, code: `engine: ${engineCode(other)}, ${topology}` });
  if (other.storage === 'aurora') {
    const facts = { kind: 'aurora', readers: 1, serverless: false, pooled: false } as const;
    return [offer(facts, topologyCode({ kind: 'aurora', readers: 1, instance: sizeFor(other, 'aurora', given) })), offer({ ...facts, serverless: true }, topologyCode({ kind: 'aurora', readers: 1, serverless: RANGE }))];
  }
  return (['multi-az-instance', 'multi-az-cluster'] as const).map((kind) =>
    offer({ kind, readers: 0, serverless: false, pooled: false }, topologyCode({ kind, instance: sizeFor(other, kind, given), storage: { size: Size.gibibytes(100) } })));
}

/** The size that was given where the topology takes it, else the smallest class that is as large and does not run on credits. */
function sizeFor(engine: DatabaseEngine, use: TopologyKind, given: InstanceClass | undefined, as?: InstanceSize): InstanceSize {
  const classes = instanceClasses(engine, use).filter(({ burstable }) => !burstable);
  if (as !== undefined && given !== undefined && classes.some(({ name }) => name === given.name)) return as;
  const fits = given === undefined ? classes[0] : classes.find(({ vcpu, memory }) => vcpu >= given.vcpu && !memory.isSmallerThan(given.memory));
  return InstanceSize.of((fits ?? classes.at(-1) ?? { name: 'db.r8g.large' }).name);
}

const FACTORIES = { 'aurora': 'Topology.aurora', 'multi-az-cluster': 'Topology.multiAzCluster', 'multi-az-instance': 'Topology.multiAzInstance', 'single': 'Topology.single' } as const satisfies Record<TopologyKind, string>;

/** `topology: Topology.aurora({ readers: 1 })`: what a user types. */
export function topologyCode({ kind, ...props }: Topology): string {
  const furtherReaders = 'readers' in props && props.readers < 2 ? { furtherReaders: undefined } : {};
  return `topology: ${FACTORIES[kind]}(${codeOf({ ...props, ...furtherReaders })})`;
}

const ENGINES = {
  aurora: { postgresql: ['aurora-postgresql', 'Engine.auroraPostgresql'], mysql: ['aurora-mysql', 'Engine.auroraMysql'] },
  rds: { postgresql: ['postgres', 'Engine.postgresql'], mysql: ['mysql', 'Engine.mysql'] },
} as const;

/** In its major version. */
function engineCode({ name, language, storage, major }: DatabaseEngine): string {
  const [own, factory] = ENGINES[storage][language];
  return own === name ? `${factory}(${codeOf(major)})` : `Engine.of(${codeOf(name)}, ${codeOf(major)})`;
}

/** Undefined where it has no such version. */
function counterpartOf({ language, storage, major }: DatabaseEngine): DatabaseEngine | undefined {
  const [name] = ENGINES[storage === 'aurora' ? 'rds' : 'aurora'][language];
  return Engine.lifecycleOf(name, major) === undefined ? undefined : Engine.of(name, major);
}

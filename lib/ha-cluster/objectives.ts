import { Duration } from '../core/duration';
import type { Complaint } from '../core/errors';
import { type Alternative, alternativesElsewhere, alternativesTo, type DeclaredCluster } from './alternatives';
import { type Figure, type Objective, readersOf, type TopologyFacts } from './topology';
import type { ValidationContext } from './validate';

/** Figures that a cluster has to keep. Each is checked at synthesis, and what can break it at run time has an alarm. */
export interface HaClusterObjectives {
  /**
   * How long writing may be impossible after the writer is lost.
   *
   * @default - the environment's: 60 seconds, and not checked in development
   */
  readonly failoverWithin?: Duration;
  /**
   * How much of what was committed may be lost with a zone; `Duration.seconds(0)` is nothing.
   *
   * @default - not checked
   */
  readonly zoneLossRpo?: Duration;
  /**
   * How soon somebody must be told that the service is down, or is about to be. It is about the databases: that a pool in front of them is lost, with them well, is told after 6 minutes.
   *
   * @default - the environment's: 60 seconds, and not checked in development
   */
  readonly notifyWithin?: Duration;
  /**
   * How long writing may be impossible while instances get another size.
   *
   * @default - not checked
   */
  readonly scalingInterruption?: Duration;
  /**
   * 95 % of statements must end within it; an alarm tells when they do not. The parameter group logs what takes longer, so that it can be counted: the log grows with
   * it, up to a twentieth of the statements. In whole milliseconds, from 1 to what the parameter takes: 24 days with PostgreSQL, 365 with MySQL.
   *
   * @default - no such objective, and no alarm
   */
  readonly latencyWithin?: Duration;
}

const FAULT_TOLERANCE = 'AWS, Aurora fault tolerance';
const FAILOVER_CLUSTER = 'AWS, FailoverDBCluster';
const FAILOVER_INSTANCE = 'AWS, Failing over a Multi-AZ DB instance';
const PROXY = 'AWS, Using Amazon RDS Proxy';

const NOTHING = Duration.seconds(0);

/**
 * What each topology keeps. The reason reads on from “but …”, and says AWS's own word where a figure rests on one: of Aurora's failover, "typically restored in less than
 * 60 seconds, and often less than 30 seconds". The first is what a cluster is held to; the second only behind a proxy, whose clients do not wait for DNS.
 */
const FIGURES: Readonly<Record<Objective, (facts: TopologyFacts) => Figure>> = {
  failoverWithin: ({ kind, readers }) => {
    switch (kind) {
      case 'aurora': return readers === 0
        ? { within: Duration.minutes(10), because: 'this topology has no second instance:\nAurora creates a new one first, which takes minutes', source: FAULT_TOLERANCE }
        : { within: Duration.seconds(60), because: 'promoting a reader of Aurora\ntakes less than 60 seconds "typically", in the words of AWS, and less than 30 only "often"', source: FAULT_TOLERANCE };
      case 'multi-az-cluster': return { within: Duration.seconds(35), because: 'promoting a standby of a Multi-AZ DB cluster\ntypically takes less than 35 seconds, and nothing shorter is described', source: FAILOVER_CLUSTER };
      case 'multi-az-instance': return { within: Duration.seconds(120), because: 'failing over to the standby of a Multi-AZ DB instance\ntypically takes 60 to 120 seconds', source: FAILOVER_INSTANCE };
      case 'single': return { because: 'a single instance has nothing to fail over to:\nit is restored from a backup, which takes as long as the database is large', source: 'AWS, RestoreDBInstanceToPointInTime' };
    }
  },
  zoneLossRpo: ({ kind }) => {
    switch (kind) {
      case 'aurora': return { within: NOTHING, because: 'Aurora keeps six copies in three zones, and a write is acknowledged by four of them', source: 'AWS, Aurora storage' };
      case 'multi-az-cluster': return { within: NOTHING, because: 'a commit waits for a standby in another zone', source: 'AWS, Multi-AZ DB cluster deployments' };
      case 'multi-az-instance': return { within: NOTHING, because: 'its standby in another zone is written synchronously', source: 'AWS, Multi-AZ DB instance deployments' };
      case 'single': return { within: Duration.minutes(5), because: 'the data of a single instance lies in one zone:\nwithout it, it can be restored to within the last 5 minutes', source: 'AWS, Restoring a DB instance to a specified time' };
    }
  },
  scalingInterruption: ({ kind, readers, serverless, pooled }) => {
    if (kind === 'single' || (kind === 'aurora' && readers === 0 && !serverless)) return { because: 'its only instance restarts to get another size,\nand no time is described for that', source: 'AWS, Modifying a DB instance' };
    if (kind === 'aurora' && serverless) return { within: NOTHING, because: 'capacity changes in place, within its range', source: 'AWS, Aurora Serverless v2' };
    if (kind === 'aurora' && pooled) return { within: Duration.seconds(30), because: 'even behind a proxy the writer changes place once,\nwhich takes less than 30 seconds "often", in the words of AWS, and nothing shorter is described', source: `${FAULT_TOLERANCE}; ${PROXY}` };
    if (kind === 'aurora') return { within: Duration.seconds(60), because: 'the writer changes place once,\nwhich takes less than 60 seconds "typically", in the words of AWS, where clients follow by DNS', source: FAULT_TOLERANCE };
    if (kind === 'multi-az-cluster') return { within: Duration.seconds(35), because: 'its standbys get the new size first, then one of them is promoted,\nwhich typically takes less than 35 seconds', source: FAILOVER_CLUSTER };
    return { within: Duration.seconds(120), because: 'its standby gets the new size first, then it is failed over to,\nwhich typically takes 60 to 120 seconds', source: FAILOVER_INSTANCE };
  },
};

const CODES: Readonly<Record<Objective, string>> = {
  failoverWithin: 'ha-cluster/failover-not-kept', zoneLossRpo: 'ha-cluster/zone-loss-not-kept', scalingInterruption: 'ha-cluster/scaling-not-kept',
};

const OF_ENVIRONMENT: Readonly<Record<Objective, string>> = {
  failoverWithin: 'The environment needs a failover within', zoneLossRpo: 'The environment allows a loss of', scalingInterruption: 'The environment allows an interruption of',
};

const keeps = ({ within }: Figure, wanted: Duration): boolean => within !== undefined && !wanted.isShorterThan(within);

/** A cluster with what it promises. */
export interface JudgedCluster extends DeclaredCluster {
  readonly facts: TopologyFacts;
  /** Those of the environment filled in. */
  readonly objectives: HaClusterObjectives;
}

/** @param pooled - whether a `ConnectionPool` stands in front, or might */
export const judgedWith = ({ props: { engine }, topology, sizing, objectives }: ValidationContext, pooled: boolean): JudgedCluster =>
  ({ engine, topology, sizing, objectives, facts: { kind: topology.kind, readers: readersOf(topology), serverless: sizing.capacity.kind === 'serverless', pooled } });

const ALL = Object.keys(FIGURES) as Objective[];

/** @param given - whether the user gave it, or the environment */
export function judgeObjective(objective: Objective, cluster: JudgedCluster, given: boolean): Complaint[] {
  const wanted = cluster.objectives[objective];
  const figure = FIGURES[objective](cluster.facts);
  if (wanted === undefined || keeps(figure, wanted)) return [];
  return [{
    code: CODES[objective],
    problem: `${given ? `objectives.${objective} is` : OF_ENVIRONMENT[objective]} ${wanted}, but ${figure.because}.`,
    fix: waysOut(objective, wanted, cluster, figure),
    source: figure.source,
  }];
}

/** What keeps all objectives, the cheapest first; undefined where nothing does. */
export const alternativeFor = ({ objectives, facts, ...declared }: JudgedCluster): Alternative | undefined =>
  alternativesTo(declared, facts).find((alternative) => keepsAll(alternative, objectives));

const keepsAll = ({ facts }: Alternative, objectives: HaClusterObjectives): boolean => ALL.every((name) => keepsOne(facts, name, objectives[name]));
const keepsOne = (facts: TopologyFacts, name: Objective, wanted: Duration | undefined): boolean => wanted === undefined || keeps(FIGURES[name](facts), wanted);

function waysOut(objective: Objective, wanted: Duration, cluster: JudgedCluster, { within }: Figure): string {
  const isEnough = ({ facts }: Alternative): boolean => keepsOne(facts, objective, wanted);
  const other = alternativeFor(cluster) ?? alternativesTo(cluster, cluster.facts).find(isEnough);
  const elsewhere = other === undefined ? alternativesElsewhere(cluster).find(isEnough) : undefined;
  const ways = [
    ...(other === undefined ? [] : [[other.does, other.code]]),
    ...(within === undefined ? [] : [['Accept it here:', `objectives: { ${objective}: ${within.toCode()} }`]]),
    ...(elsewhere === undefined ? [] : [[elsewhere.does, elsewhere.code]]),
  ].map(([does = '', code = ''], i) => [i === 0 ? does : `or ${does.charAt(0).toLowerCase()}${does.slice(1)}`, code] as const);
  if (ways.length === 0) return 'Leave the objective out: no topology keeps it.';
  const width = Math.max(...ways.map(([does]) => does.length));
  return ways.map(([does, code]) => `${does.padEnd(width)}   ${code}`).join('\n');
}

import { Duration } from '../core/duration';
import type { Complaint } from '../core/errors';
import type { Figure, Objective, TopologyFacts } from './topology';

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
   * How soon somebody must be told that the service is down, or is about to be.
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
   * it, up to a twentieth of the statements.
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

/** What each topology keeps. The reason reads on from “but …”. */
const FIGURES: Readonly<Record<Objective, (facts: TopologyFacts) => Figure>> = {
  failoverWithin: ({ kind, readers }) => {
    switch (kind) {
      case 'aurora': return readers === 0
        ? { within: Duration.minutes(10), because: 'this topology has no second instance:\nAurora creates a new one first, which takes minutes', source: FAULT_TOLERANCE }
        : { within: Duration.seconds(60), because: 'promoting a reader of Aurora\nusually takes less than 60 seconds, and nothing shorter is described', source: FAULT_TOLERANCE };
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
    if (kind === 'aurora' && pooled) return { within: Duration.seconds(30), because: 'even behind a proxy the writer changes place once,\nwhich often takes less than 30 seconds, and nothing shorter is described', source: `${FAULT_TOLERANCE}; ${PROXY}` };
    if (kind === 'aurora') return { within: Duration.seconds(60), because: 'the writer changes place once,\nwhich usually takes less than 60 seconds where clients follow by DNS', source: FAULT_TOLERANCE };
    if (kind === 'multi-az-cluster') return { within: Duration.seconds(35), because: 'its standbys get the new size first, then one of them is promoted,\nwhich typically takes less than 35 seconds', source: FAILOVER_CLUSTER };
    return { within: Duration.seconds(120), because: 'its standby gets the new size first, then it is failed over to,\nwhich typically takes 60 to 120 seconds', source: FAILOVER_INSTANCE };
  },
};

const figureOf = (objective: Objective, facts: TopologyFacts): Figure => FIGURES[objective](facts);

const CODES: Readonly<Record<Objective, string>> = {
  failoverWithin: 'ha-cluster/failover-not-kept', zoneLossRpo: 'ha-cluster/zone-loss-not-kept', scalingInterruption: 'ha-cluster/scaling-not-kept',
};

const OF_ENVIRONMENT: Readonly<Record<Objective, string>> = {
  failoverWithin: 'The environment needs a failover within', zoneLossRpo: 'The environment allows a loss of', scalingInterruption: 'The environment allows an interruption of',
};

interface Alternative {
  readonly facts: TopologyFacts;
  readonly does: string;
  readonly code: string;
}

const AURORA = { kind: 'aurora', readers: 1, serverless: false, pooled: false } as const;
const RDS = { readers: 0, serverless: false } as const;

/** What else there is for engines of one storage, the cheapest first. */
const ALTERNATIVES: Readonly<Record<'aurora' | 'rds', readonly Alternative[]>> = {
  aurora: [
    { facts: AURORA, does: 'Add a reader in another zone:', code: 'topology: Topology.aurora({ readers: 1 })' },
    { facts: { ...AURORA, pooled: true }, does: 'Put a pool in front:', code: "new ConnectionPool(stack, 'Pool', { cluster, … })" },
    { facts: { ...AURORA, serverless: true }, does: 'Make it serverless:', code: 'topology: Topology.aurora({ readers: 1, serverless: { minimum: 1, maximum: 32 } })' },
  ],
  rds: [
    { facts: { ...RDS, kind: 'multi-az-instance', pooled: false }, does: 'Add a standby:', code: 'topology: Topology.multiAzInstance({ … })' },
    { facts: { ...RDS, kind: 'multi-az-cluster', pooled: false }, does: 'Add two standbys that can be read:', code: 'topology: Topology.multiAzCluster({ … })' },
  ],
};

const keeps = ({ within }: Figure, wanted: Duration): boolean => within !== undefined && !wanted.isShorterThan(within);

/** @param given - whether the user gave it, or the environment */
export function judgeObjective(objective: Objective, wanted: Duration | undefined, facts: TopologyFacts, storage: 'aurora' | 'rds', given: boolean): Complaint[] {
  const figure = figureOf(objective, facts);
  if (wanted === undefined || keeps(figure, wanted)) return [];
  const other = ALTERNATIVES[storage].find((alternative) => keeps(figureOf(objective, withAlternative(alternative.facts, facts)), wanted));
  return [{
    code: CODES[objective],
    problem: `${given ? `objectives.${objective} is` : OF_ENVIRONMENT[objective]} ${wanted}, but ${figure.because}.`,
    fix: waysOut(other, figure.within === undefined ? undefined : `objectives: { ${objective}: ${figure.within.toCode()} }`),
    source: figure.source,
  }];
}

/** What a cluster would be with an alternative: what it has already stays. */
const withAlternative = (alternative: TopologyFacts, facts: TopologyFacts): TopologyFacts => ({
  kind: alternative.kind,
  readers: Math.max(alternative.readers, facts.readers),
  serverless: alternative.serverless || facts.serverless,
  pooled: alternative.pooled || facts.pooled,
});

function waysOut(other: Alternative | undefined, accept: string | undefined): string {
  if (other === undefined) return accept === undefined ? 'Leave the objective out: no topology of this engine keeps it.' : `Accept it here:   ${accept}`;
  if (accept === undefined) return `${other.does}   ${other.code}`;
  const width = Math.max(other.does.length, 'or accept it here:'.length);
  return `${other.does.padEnd(width)}   ${other.code}\n${'or accept it here:'.padEnd(width)}   ${accept}`;
}

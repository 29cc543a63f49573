import { shellWord } from '../core/text';
import { type ClusterKind, type ClusterMember, type ExplainedCluster, SERVERLESS } from './cluster';
import { type Interruption, INTERRUPTIONS } from './interruptions';

/** One thing to do, and what it interrupts. */
export interface ScalingStep {
  /** What is done, to whom. */
  readonly title: string;
  readonly commands: readonly string[];
  readonly interruption: Interruption;
  /** The way back when it does not succeed. @default - there is nothing to take back */
  readonly undo?: string;
}

export interface ScalingExplanation {
  readonly cluster: ExplainedCluster;
  readonly steps: readonly ScalingStep[];
  /** What somebody has to know besides. */
  readonly notes: readonly string[];
}

/** What stands in a command for a class that is not chosen yet. */
const CLASS_TO_COME = '<class>';

/**
 * How the instances of a database get another class with the least interruption: readers first, those that never take the writer's place before the one that will;
 * then it takes the writer's place; then the old writer. Terraform alone would begin with the instance that was made first, the writer as a rule.
 */
export function scalingOrder(cluster: ExplainedCluster): ScalingExplanation {
  const changing = cluster.members.filter((member) => member.becomes !== undefined && member.becomes !== member.instanceClass);
  const planned = changing.length > 0;
  const members = planned ? changing : cluster.members.map((member) => ({ ...member, becomes: CLASS_TO_COME }));
  if (!planned && cluster.members.every(({ instanceClass }) => instanceClass === SERVERLESS)) return serverless(cluster);
  const { kind } = cluster;
  if (kind !== 'aurora') return { cluster, steps: members.map((member) => ownOrder(cluster, kind, member)), notes: notesOf(cluster) };
  const ask: ScalingStep = {
    title: `ask which instance is the writer; the steps behind take it to be ${writerOf(cluster).identifier}, the first in order of promotion`, commands: [ASK(cluster)],
    interruption: INTERRUPTIONS.nothing,
  };
  const first = 'First give the class in the declaration, and synthesize: then tenantry explain scaling --plan writes it into each command.';
  return { cluster, steps: [...(planned || cluster.members.length === 1 ? [] : [ask]), ...auroraSteps(cluster, members)], notes: [...(planned ? [] : [first]), ...notesOf(cluster)] };
}

const serverless = (cluster: ExplainedCluster): ScalingExplanation => ({
  cluster, steps: [{ title: 'another range: capacity changes in place, within its range at any time', commands: [apply(cluster)], interruption: INTERRUPTIONS.serverless }],
  notes: ['With another maximum, max_connections and others follow only when an instance restarts: aws rds reboot-db-instance, of readers first; then a failover, and the old writer. Else Aurora does it in the next maintenance window.'],
});

/** RDS changes the instances of these itself, in an order of its own. */
function ownOrder(cluster: ExplainedCluster, kind: OwnOrderKind, member: ClusterMember): ScalingStep {
  const { who, interruption } = OWN_ORDER[kind];
  return {
    title: `${who(member.identifier)} ${classOf(member)}, by AWS itself`, commands: [target(cluster, [member])], interruption,
    undo: `give it ${member.instanceClass} again in the declaration, and do the same`,
  };
}

type OwnOrderKind = Exclude<ClusterKind, 'aurora'>;

const OWN_ORDER: Readonly<Record<OwnOrderKind, { readonly who: (identifier: string) => string; readonly interruption: Interruption }>> = {
  'multi-az-cluster': { who: (identifier) => `all three instances of ${identifier} get`, interruption: INTERRUPTIONS.multiAzCluster },
  'multi-az-instance': { who: (identifier) => `standby, then instance, of ${identifier} get`, interruption: INTERRUPTIONS.multiAzInstance },
  'single': { who: (identifier) => `the instance of ${identifier} gets`, interruption: INTERRUPTIONS.single },
};

function auroraSteps(cluster: ExplainedCluster, changing: readonly ClusterMember[]): ScalingStep[] {
  const writer = writerOf(cluster);
  const readers = changing.filter(({ identifier }) => identifier !== writer.identifier).sort((a, b) => b.promotionTier - a.promotionTier || (a.identifier < b.identifier ? 1 : -1));
  const step = (title: string, member: ClusterMember, interruption: Interruption): ScalingStep => ({
    title: `${title} ${toClass(member)}`, commands: change(cluster, member), interruption, undo: undoOf(cluster, member),
  });
  const ofReader = cluster.members.length === 2 ? INTERRUPTIONS.onlyReader : INTERRUPTIONS.reader;
  const steps = readers.map((reader) => step(`reader ${reader.identifier}`, reader, ofReader));
  const changedWriter = changing.find(({ identifier }) => identifier === writer.identifier);
  if (changedWriter === undefined) return [...steps, ...closing(cluster)];
  const successor = successorOf(cluster, changedWriter);
  if (successor === undefined) {
    const alone = step(`writer ${changedWriter.identifier}`, changedWriter, INTERRUPTIONS.onlyInstance);
    return [...steps, { ...alone, title: `${alone.title}: it has no reader to take its place` }, ...closing(cluster)];
  }
  return [...steps, failover(cluster, writer, successor), step(`old writer ${changedWriter.identifier}, now a reader,`, changedWriter, ofReader), ...closing(cluster)];
}

function failover(cluster: ExplainedCluster, from: ClusterMember, to: ClusterMember): ScalingStep {
  const named = `--db-cluster-identifier ${word(cluster.identifier)}`;
  return {
    title: `${to.identifier} takes the writer's place`,
    commands: [`aws rds failover-db-cluster ${named} --target-db-instance-identifier ${word(to.identifier)}`, `aws rds wait db-cluster-available ${named}`],
    interruption: cluster.pooled ? INTERRUPTIONS.failoverPooled : INTERRUPTIONS.failover,
    undo: `the same command with ${from.identifier}`,
  };
}

/** The plan says who is the writer; a declaration can only say who is the first to be. */
const writerOf = ({ members }: ExplainedCluster): ClusterMember => members.find(({ writer }) => writer === true) ?? [...members].sort(byPromotion)[0] as ClusterMember;

/** The first in order of promotion that has, or gets, the class that the writer gets; where none does, the first of all. */
function successorOf(cluster: ExplainedCluster, writer: ClusterMember): ClusterMember | undefined {
  const readers = cluster.members.filter(({ identifier }) => identifier !== writer.identifier).sort(byPromotion);
  return readers.find(({ instanceClass, becomes }) => (becomes ?? instanceClass) === writer.becomes) ?? readers[0];
}

const byPromotion = (a: ClusterMember, b: ClusterMember): number => a.promotionTier - b.promotionTier || (a.identifier < b.identifier ? -1 : 1);

/**
 * Terraform alone, where it begins at once and takes no other instance along. Else by AWS's command: an apply would return at once, and AWS would change all
 * instances in the window.
 */
const byTerraform = ({ atOnce, chained }: ExplainedCluster): boolean => atOnce && !chained;

const change = (cluster: ExplainedCluster, member: ClusterMember): string[] => (byTerraform(cluster)
  ? [target(cluster, [member])]
  : [`aws rds modify-db-instance --db-instance-identifier ${word(member.identifier)} --db-instance-class ${word(member.becomes ?? CLASS_TO_COME)} --apply-immediately`, `aws rds wait db-instance-available --db-instance-identifier ${word(member.identifier)}`]);

const closing = (cluster: ExplainedCluster): ScalingStep[] => (byTerraform(cluster) ? [] : [{ title: 'Terraform finds done what it would have done', commands: [apply(cluster)], interruption: INTERRUPTIONS.nothing }]);

const terraform = ({ folder }: ExplainedCluster): string => (folder === undefined ? 'terraform' : `terraform -chdir=${word(folder)}`);
const apply = (cluster: ExplainedCluster): string => `${terraform(cluster)} apply`;
const target = (cluster: ExplainedCluster, members: readonly ClusterMember[]): string => `${apply(cluster)} ${members.map(({ address }) => `-target=${shellWord(address)}`).join(' ')}`;
const ASK = ({ identifier }: ExplainedCluster): string => `aws rds describe-db-clusters --db-cluster-identifier ${word(identifier)} --query 'DBClusters[0].DBClusterMembers[?IsClusterWriter].DBInstanceIdentifier' --output text`;

const classOf = ({ instanceClass, becomes }: ClusterMember): string => (becomes === CLASS_TO_COME ? 'the new class' : `${becomes} instead of ${instanceClass}`);
const toClass = (member: ClusterMember): string => `gets ${classOf(member)}`;
const undoOf = (cluster: ExplainedCluster, { instanceClass }: ClusterMember): string => (byTerraform(cluster) ? `give it ${instanceClass} again in the declaration, and do the same` : `the same command with ${instanceClass}`);
/** What a shell would read as something else is quoted. */
const word = (text: string): string => (/^[\w./-]+$/.test(text) ? text : shellWord(text));

function notesOf(cluster: ExplainedCluster): string[] {
  const { kind, atOnce, maintenanceWindow, members, autoscaled } = cluster;
  const window = maintenanceWindow === undefined ? 'the maintenance window' : `the maintenance window, ${maintenanceWindow} UTC`;
  return [
    ...(atOnce ? [] : [kind === 'aurora'
      ? `Changes wait for ${window}, in which AWS would change the instances in an order of its own: the steps do not wait for it.`
      : `AWS does it in ${window}: the command returns at once, and nothing has happened yet.`]),
    ...(kind === 'aurora' && members.length === 1 ? ['With a reader the interruption is that of a failover: declare Topology.aurora({ readers: 1 }), apply it, and ask again.'] : []),
    ...(kind === 'aurora' && members.length > 1 ? [`Go on only when the instance is available with its new class${byTerraform(cluster) ? ', which Terraform waits for' : ': a change begins seconds after its command'}. A step that fails leaves the others as they are, and the cluster serves on.`] : []),
    ...(autoscaled ? ['Readers of autoscaling are in no plan: those that are there keep their class, and new ones get that of the writer.'] : []),
  ];
}

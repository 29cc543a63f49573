import type { Complaint } from '../core/errors';
import { shown } from '../core/shown';
import { Size } from '../core/size';
import { holdsToken } from '../core/tokens';
import { type InstanceClass, instanceClasses, type InstanceUse } from './instance-size';
import { CONNECTIONS_SOURCE, reservedConnections } from './max-connections';
import { provisionedFor, STORAGE, STORAGE_SOURCE } from './rds-storage';
import { rangeFor, type ServerlessRange, serverlessMaxConnections } from './serverless-range';
import type { SizedEngine } from './sized-engine';

/** What a database must hold at the end of its planned growth. What the topology cannot hold is refused, with the figure. */
export interface CapacityTarget {
  /** Data and indexes. @default - not checked */
  readonly storage?: Size;
  /** Connections of clients at the same time, to the writer. @default - not checked */
  readonly connections?: number;
  /** Transactions a second that change something. @default - not checked */
  readonly writesPerSecond?: number;
  /** Statements a second that read. @default - not checked */
  readonly readsPerSecond?: number;
}

/** What a topology has. */
export interface CapacityOffer {
  /** For people: `Aurora PostgreSQL on db.r8g.large`. */
  readonly label: string;
  readonly engine: SizedEngine;
  /** Of the writer. */
  readonly instance: InstanceClass | { readonly serverless: ServerlessRange };
  /** The topology, to name a larger class that it takes. @default - as `InstanceSize.resolve` */
  readonly use?: InstanceUse;
  /** What the storage can grow to. */
  readonly largestStorage: Size;
  /** Where it is declared. @default - Aurora's, which grows by itself */
  readonly allocatedStorage?: Size;
  /** Operations a second that the storage is provisioned for. @default - Aurora's, or not known: writes are not judged */
  readonly iops?: number;
  /** Whether clients share database connections (`ConnectionPool`). */
  readonly pooled: boolean;
  /** What the parameters set. @default - the engine's default */
  readonly maxConnections?: number;
}

const number = (n: number): string => n.toLocaleString('en-US');
const isKnown = (value: number | undefined): value is number => value !== undefined && !holdsToken(value);

/** What the topology cannot hold. A figure that only Terraform knows is not judged; what AWS publishes no figure for is in `unjudgedTargets`. */
export function checkCapacityTarget(target: CapacityTarget, offer: CapacityOffer): Complaint[] {
  const wrong = checkFigures(target);
  return wrong.length > 0 ? wrong : [...checkStorage(target, offer), ...checkConnections(target, offer), ...checkWrites(target, offer)];
}

/** Targets that nothing here can promise or refuse, each as a sentence that says what to do: unknown is not kept. */
export function unjudgedTargets(target: CapacityTarget, offer: CapacityOffer): string[] {
  const { label, engine: { storage, language }, pooled, iops } = offer;
  const measure = `Load ${label} with your own statements before you promise it, for instance with ${language === 'postgresql' ? 'pgbench' : 'sysbench'}.`;
  const { connections, writesPerSecond, readsPerSecond } = target;
  const unjudged: string[] = [];
  if (isKnown(writesPerSecond) && storage === 'aurora') unjudged.push(`target.writesPerSecond is ${number(writesPerSecond)}: AWS publishes no figure of writes for instances of Aurora. ${measure}`);
  else if (isKnown(writesPerSecond) && iops === undefined) unjudged.push(`target.writesPerSecond is ${number(writesPerSecond)}: the operations a second of the storage are not known at synthesis. ${measure}`);
  if (isKnown(readsPerSecond)) unjudged.push(`target.readsPerSecond is ${number(readsPerSecond)}: how many reads an instance answers depends on how much of the data its memory holds. ${measure}`);
  const clients = clientConnections(offer);
  if (pooled && isKnown(connections) && clients !== undefined && connections > clients) {
    unjudged.push(`target.connections is ${number(connections)} over about ${number(clients)} connections of the database: that many transactions run at once, and the others wait in the pool, as long as its borrow timeout allows. ${measure}`);
  }
  return unjudged;
}

/** What is left of the limit for clients; undefined where only Terraform knows it. */
function clientConnections({ engine, instance, maxConnections }: CapacityOffer): number | undefined {
  if (maxConnections !== undefined && holdsToken(maxConnections)) return undefined;
  if ('serverless' in instance && (holdsToken(instance.serverless.minimum) || holdsToken(instance.serverless.maximum))) return undefined;
  const limit = 'serverless' in instance ? serverlessMaxConnections(instance.serverless, engine, maxConnections) : maxConnections ?? instance.maxConnections;
  return Math.max(0, limit - reservedConnections(engine));
}

function checkFigures(target: CapacityTarget): Complaint[] {
  const code = 'engine/target';
  const wrong = (['connections', 'writesPerSecond', 'readsPerSecond'] as const).filter((name) => {
    const value = target[name];
    return isKnown(value) && !(Number.isFinite(value) && value > 0 && (name !== 'connections' || Number.isInteger(value)));
  });
  return [
    ...wrong.map((name): Complaint => ({ code, problem: `target.${name} is ${shown(target[name])}; ${name === 'connections' ? 'whole numbers from 1' : 'numbers above 0'} are allowed.`, fix: 'Leave out what does not matter.' })),
    ...(target.storage?.toBytes() === 0 ? [{ code, problem: `target.storage is ${target.storage}.`, fix: 'Leave out what does not matter.' }] : []),
  ];
}

function checkStorage({ storage }: CapacityTarget, { label, engine, largestStorage, allocatedStorage }: CapacityOffer): Complaint[] {
  if (storage === undefined || !largestStorage.isSmallerThan(storage)) return [];
  const grows = allocatedStorage !== undefined && allocatedStorage.isSmallerThan(largestStorage);
  return [{
    code: 'engine/target-storage',
    problem: `target.storage is ${storage}, but ${label} holds ${largestStorage} at most${grows ? `: it grows from ${allocatedStorage} up to that` : ''}.`,
    ...storageWay(storage, engine),
  }];
}

/** In TiB. Sources: AWS, Amazon Aurora size limits; AWS, Amazon RDS DB instance storage. */
const LARGEST = { aurora: 256, everyAurora: 128, rds: 64 };
const SPREAD = 'Spread the tenants over several clusters: no single one has that.';

function storageWay(storage: Size, { storage: kind, language }: SizedEngine): Pick<Complaint, 'fix' | 'source'> {
  const source = kind === 'aurora' ? 'AWS, Aurora user guide, Amazon Aurora size limits' : STORAGE_SOURCE;
  const tebibytes = storage.toGibibytes() / 1024;
  if (tebibytes > LARGEST.aurora) return { fix: SPREAD, source };
  if (kind === 'aurora') return { fix: `${LARGEST.aurora} TiB need a version that is named: ${language === 'postgresql' ? '17.5, 16.9, 15.13' : '3.10'} or later.`, source };
  const aurora = `ake Aurora, whose storage grows by itself to ${LARGEST.everyAurora} TiB and more.`;
  return { fix: tebibytes > LARGEST.rds ? `T${aurora}` : `Declare it:   storage: { size: ${storage.toCode()} }\nor t${aurora}`, source };
}

function checkConnections({ connections }: CapacityTarget, offer: CapacityOffer): Complaint[] {
  const { label, engine, pooled, maxConnections } = offer;
  const clients = clientConnections(offer);
  if (!isKnown(connections) || pooled || clients === undefined || connections <= clients) return [];
  const reserved = reservedConnections(engine);
  const larger = maxConnections === undefined ? largerWay(connections + reserved, offer) : undefined;
  return [{
    code: 'engine/target-connections',
    problem: `target.connections is ${number(connections)}, but an instance of ${label} has ${number(clients)} for clients: max_connections is ${maxConnections === undefined ? 'about ' : ''}${number(clients + reserved)}${maxConnections === undefined ? ' by default' : ''}${reserved === 0 ? '' : `, and ${reserved} are kept for administration`}.`,
    fix: ['Share them between clients:   new ConnectionPool(this, \'Pool\', { cluster, network, auth: PoolAuth.iam() })', ...(larger === undefined ? [] : [larger])].join('\n'),
    source: CONNECTIONS_SOURCE[engine.storage],
  }];
}

/** What has this limit by default: a larger class, or a range that reaches further and from where on the limit is not capped. */
function largerWay(limit: number, { engine, instance, use }: CapacityOffer): string | undefined {
  if (!('serverless' in instance)) {
    const found = instanceClasses(engine, use).find((one) => !one.burstable && one.maxConnections >= limit);
    return found === undefined ? undefined : `or take a larger class:       InstanceSize.of('${found.name}')`;
  }
  const range = rangeFor(limit, instance.serverless, engine);
  return range === undefined ? undefined : `or widen the range:           serverless: { minimum: ${range.minimum}, maximum: ${range.maximum} }`;
}

/** A commit is durable when its log is on the storage. Commits at the same moment can share an operation; that is not counted on. */
function checkWrites({ writesPerSecond }: CapacityTarget, { label, engine, iops, allocatedStorage }: CapacityOffer): Complaint[] {
  if (!isKnown(writesPerSecond) || !isKnown(iops) || engine.storage === 'aurora' || writesPerSecond <= iops) return [];
  return [{
    code: 'engine/target-writes',
    problem: `target.writesPerSecond is ${number(writesPerSecond)}, but the storage of ${label} is provisioned for ${number(iops)} operations a second, and a commit needs one at least.`,
    fix: writesWay(writesPerSecond, allocatedStorage),
    source: STORAGE_SOURCE,
  }];
}

function writesWay(writesPerSecond: number, allocatedStorage: Size | undefined): string {
  const { striped, gp3, provisioned } = STORAGE;
  if (writesPerSecond > provisioned.iops[1]) return SPREAD;
  if (writesPerSecond <= gp3.striped.iops && allocatedStorage?.isSmallerThan(Size.gibibytes(striped)) === true) return `${number(gp3.striped.iops)} come with gp3 from ${striped} GiB on:   storage: { size: Size.gibibytes(${striped}) }`;
  if (allocatedStorage === undefined) return `Provision them:   storage: { size, type: 'io2', iops: ${Math.ceil(writesPerSecond)} }`;
  const { size, iops } = provisionedFor(writesPerSecond, allocatedStorage);
  return `Provision them:   storage: { size: ${size.toCode()}, type: 'io2', iops: ${iops} }`;
}

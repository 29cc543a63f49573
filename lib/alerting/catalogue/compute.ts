import { Duration } from '../../core/duration';
import type { AlarmDefinition } from '../alarm-definition';
import { all, connectionsMaximum, isAurora, isProvisioned, isRds, memoryBytes, ownFigure, percentOf, SOURCES } from '../thresholds';
import { always, constant, minutes, ofReaders, rds } from './define';

const CPU: AlarmDefinition = {
  id: 'cpu',
  severity: 'warning',
  summary: 'The processors of the writer have been busy for minutes.',
  scope: 'writer',
  signal: { metric: rds('CPUUtilization', 'Average') },
  comparison: '>', threshold: constant(90), limit: '90 %', unit: 'Percent',
  window: minutes(5),
  missing: 'missing',
  applies: always, where: 'every',
  quietInMaintenance: false,
  detectsWithin: Duration.minutes(10),
  source: SOURCES.recommended,
};

const AURORA_MEMORY: AlarmDefinition = {
  id: 'memory',
  severity: 'warning',
  summary: 'The writer runs out of memory, and a serverless one has grown as far as it may.',
  scope: 'writer',
  signal: { metric: rds('FreeableMemory', 'Minimum') },
  comparison: '<', threshold: percentOf(5, memoryBytes), limit: '5 % of the memory', unit: 'Bytes',
  window: minutes(15),
  missing: 'missing',
  applies: isAurora, where: 'Aurora',
  quietInMaintenance: false,
  detectsWithin: Duration.minutes(20),
  source: `${SOURCES.recommended}; ${SOURCES.serverless}`,
};

const CONNECTIONS: AlarmDefinition = {
  id: 'connections',
  severity: 'warning',
  summary: 'The writer will soon refuse connections.',
  scope: 'writer',
  signal: { metric: rds('DatabaseConnections', 'Maximum') },
  comparison: '>', threshold: percentOf(90, connectionsMaximum), limit: '90 % of max_connections', unit: 'Count',
  window: minutes(5),
  missing: 'missing',
  applies: always, where: 'every',
  quietInMaintenance: false,
  detectsWithin: Duration.minutes(10),
  source: SOURCES.recommended,
};

const CAPACITY: AlarmDefinition = {
  id: 'capacity',
  severity: 'warning',
  summary: 'The serverless writer has grown nearly as far as it may.',
  scope: 'writer',
  signal: { metric: rds('ACUUtilization', 'Average') },
  comparison: '>', threshold: constant(90), limit: '90 % of the maximum', unit: 'Percent',
  window: minutes(10),
  missing: 'missing',
  applies: ({ serverless }) => serverless !== undefined, where: 'Aurora serverless',
  quietInMaintenance: false,
  detectsWithin: Duration.minutes(15),
  source: ownFigure(SOURCES.serverless),
};

const SWAP: AlarmDefinition = {
  id: 'swap',
  severity: 'warning',
  summary: 'The instance moves memory to disk.',
  scope: 'writer',
  signal: { metric: rds('SwapUsage', 'Average') },
  comparison: '>', threshold: percentOf(10, memoryBytes), limit: '10 % of the memory', unit: 'Bytes',
  window: minutes(15),
  missing: 'notBreaching',
  applies: isProvisioned, where: 'provisioned',
  quietInMaintenance: false,
  detectsWithin: Duration.minutes(20),
  source: ownFigure(`${SOURCES.rds}; ${SOURCES.aurora}`),
};

/** Processors, memory and connections. */
export const COMPUTE: readonly AlarmDefinition[] = [
  CPU,
  // A reader that was just added is busy until its cache is warm.
  ofReaders(CPU, { summary: 'The processors of a reader have been busy for a quarter of an hour.', statistic: 'Maximum', window: minutes(15), detectsWithin: Duration.minutes(20) }),
  AURORA_MEMORY,
  ofReaders(AURORA_MEMORY, { summary: 'A reader runs out of memory.', statistic: 'Minimum' }),
  {
    ...AURORA_MEMORY,
    id: 'memory-rds',
    summary: 'The instance runs out of memory.',
    // AWS recommends 25 %; MySQL's buffer pool alone takes three quarters by default, so that it would never be quiet.
    threshold: percentOf(10, memoryBytes), limit: '10 % of the memory',
    applies: isRds, where: 'RDS',
    source: ownFigure(SOURCES.recommended),
  },
  SWAP,
  ofReaders(SWAP, { summary: 'A reader moves memory to disk.', statistic: 'Maximum' }),
  CONNECTIONS,
  ofReaders(CONNECTIONS, { summary: 'A reader will soon refuse connections.', statistic: 'Maximum' }),
  CAPACITY,
  ofReaders(CAPACITY, { summary: 'A serverless reader has grown nearly as far as it may.', statistic: 'Maximum' }),
  {
    id: 'load',
    severity: 'warning',
    summary: 'More sessions work or wait than there are processors.',
    scope: 'instances',
    signal: { metric: rds('DBLoad', 'Average') },
    comparison: '>', threshold: ({ vcpu }) => vcpu, limit: 'the number of vCPU', unit: 'Count',
    window: minutes(15),
    // It is published only while there is load.
    missing: 'notBreaching',
    applies: all(isProvisioned, ({ insights }) => insights !== false), where: 'provisioned, of a class with query statistics',
    quietInMaintenance: false,
    detectsWithin: Duration.minutes(20),
    source: `${SOURCES.recommended}; ${SOURCES.insights}`,
  },
  {
    id: 'cache-hits',
    severity: 'warning',
    summary: 'The writer reads much from storage that should be in its memory.',
    scope: 'writer',
    signal: { metric: rds('BufferCacheHitRatio', 'Average') },
    comparison: '<', threshold: constant(80), limit: '80 %', unit: 'Percent',
    window: minutes(30),
    missing: 'notBreaching',
    applies: all(isAurora, isProvisioned), where: 'Aurora provisioned',
    // A cache is cold after a restart.
    quietInMaintenance: true,
    detectsWithin: Duration.minutes(35),
    source: `${SOURCES.recommended}, which has 10 minutes`,
  },
];

import { Duration } from '../../core/duration';
import type { AlarmDefinition } from '../alarm-definition';
import { all, isAurora, isMysql, isPostgresql, ownFigure, SOURCES } from '../thresholds';
import { constant, fiveMinutes, minutes, rds } from './define';

/** What only one of the languages can suffer from. */
export const ENGINES: readonly AlarmDefinition[] = [
  {
    id: 'transaction-ids',
    severity: 'warning',
    summary: 'Vacuum is far behind: at 2.1 billion transactions PostgreSQL takes no more writes.',
    scope: 'writer',
    signal: { metric: rds('MaximumUsedTransactionIDs', 'Maximum') },
    comparison: '>', threshold: constant(1_000_000_000), limit: '1 billion transactions', unit: 'Count',
    window: minutes(1),
    missing: 'missing',
    applies: isPostgresql, where: 'PostgreSQL',
    quietInMaintenance: false,
    detectsWithin: Duration.minutes(5),
    source: SOURCES.recommended,
  },
  {
    id: 'history-list',
    severity: 'warning',
    summary: 'Old row versions pile up: a long transaction, on a reader too, holds them.',
    scope: 'writer',
    signal: { metric: rds('RollbackSegmentHistoryListLength', 'Average') },
    comparison: '>', threshold: constant(1_000_000), limit: '1 million', unit: 'Count',
    window: minutes(5),
    missing: 'missing',
    applies: all(isAurora, isMysql), where: 'Aurora MySQL',
    quietInMaintenance: false,
    detectsWithin: Duration.minutes(10),
    source: SOURCES.recommended,
  },
  {
    id: 'blocked-transactions',
    severity: 'warning',
    summary: 'Transactions wait for each other’s locks.',
    scope: 'writer',
    signal: { metric: rds('BlockedTransactions', 'Average') },
    comparison: '>', threshold: constant(5), limit: '5 a second', unit: 'Count/Second',
    window: minutes(5),
    // It is published only where innodb_monitor_enable asks for it.
    missing: 'notBreaching',
    applies: all(isAurora, isMysql), where: 'Aurora MySQL',
    quietInMaintenance: false,
    detectsWithin: Duration.minutes(10),
    source: `metric: ${SOURCES.recommended}, which has 0; figure: ours`,
  },
  {
    id: 'aborted-clients',
    severity: 'warning',
    summary: 'Clients vanish without closing their connections.',
    scope: 'writer',
    signal: { metric: rds('AbortedClients', 'Sum') },
    comparison: '>', threshold: constant(100), limit: '100 in 5 minutes', unit: 'Count',
    window: fiveMinutes(3),
    missing: 'notBreaching',
    applies: all(isAurora, isMysql), where: 'Aurora MySQL',
    quietInMaintenance: true,
    detectsWithin: Duration.minutes(25),
    source: ownFigure(SOURCES.aurora),
  },
];

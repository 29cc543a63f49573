/** What is written on what runs out, by metric: what `tenantry explain` takes. */
export const RUNBOOKS: Readonly<Record<string, string>> = {
  VolumeBytesUsed: 'volume',
  AuroraVolumeBytesLeftTotal: 'volume',
  FreeStorageSpace: 'storage',
  FreeLocalStorage: 'temporary-storage',
  DatabaseConnections: 'connections',
  ServerlessDatabaseCapacity: 'capacity',
  ACUUtilization: 'capacity',
  CPUUtilization: 'cpu',
  FreeableMemory: 'memory',
  MaximumUsedTransactionIDs: 'transaction-ids',
};

/** @param name - of a series, which may hold more than the metric's name */
export const runbookOf = (name: string): string => Object.entries(RUNBOOKS).find(([metric]) => name.includes(metric))?.[1] ?? 'scaling';

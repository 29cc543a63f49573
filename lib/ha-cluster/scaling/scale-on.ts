import { shapedMetric } from './shape';

/** A metric of the readers that autoscaling keeps near a target: above it a reader is added, well below it one is taken away. */
export interface ScaleOn {
  /** Part of the policy's address: one policy for each metric. */
  readonly id: string;
  readonly target: number;
  /** @default - a metric of the user's */
  readonly predefined?: 'RDSReaderAverageCPUUtilization' | 'RDSReaderAverageDatabaseConnections';
  /** @default - one that AWS defines */
  readonly metric?: Omit<ReaderMetric, 'target'>;
}

/** A metric in CloudWatch that falls as readers are added, in proportion: how busy one of them is, never how much there is to do in all. */
export interface ReaderMetric {
  /** For instance `CPUUtilization`. */
  readonly name: string;
  /** Value of the metric that is kept, in its own unit. */
  readonly target: number;
  /** @default 'AWS/RDS' */
  readonly namespace?: string;
  /** @default 'Average' */
  readonly statistic?: 'Average' | 'Minimum' | 'Maximum' | 'SampleCount' | 'Sum';
  /**
   * What the metric is of.
   *
   * @default - the readers of the cluster (`DBClusterIdentifier` and `Role`), in a namespace of one's own nothing
   */
  readonly dimensions?: Readonly<Record<string, string>>;
  /** As CloudWatch calls it, for instance `Percent`. @default - not looked at */
  readonly unit?: string;
}

/** What the number of readers follows. Source of the metrics: AWS, Amazon Aurora Auto Scaling with Aurora Replicas. */
export const ScaleOn = {
  /** @param percent - processor time of the readers, on average */
  cpu: (percent: number): ScaleOn => ({ id: 'cpu', target: percent, predefined: 'RDSReaderAverageCPUUtilization' }),

  /** @param perReader - connections of a reader, on average */
  connections: (perReader: number): ScaleOn => ({ id: 'connections', target: perReader, predefined: 'RDSReaderAverageDatabaseConnections' }),

  /** A metric of one's choice. */
  metric(given: ReaderMetric): ScaleOn {
    const { target, ...metric } = shapedMetric(given);
    return { id: kebab(metric.name), target, metric };
  },
};

const kebab = (text: string): string => text.replace(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '');

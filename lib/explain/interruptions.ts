/** What a step interrupts, in the words that AWS describes it with. */
export interface Interruption {
  /** What happens to writing. */
  readonly writing: string;
  readonly reading: string;
  /** The longest that AWS describes for writing, in seconds. @default - AWS describes no time */
  readonly seconds?: number;
  readonly source?: string;
}

const FAULT_TOLERANCE = 'AWS, Fault tolerance for an Aurora DB cluster';
const FACTORS = 'AWS, What factors affect my downtime or database performance in Amazon RDS';

/** No time is described where none stands here. */
export const INTERRUPTIONS = {
  nothing: { writing: 'goes on', reading: 'goes on', seconds: 0 },
  serverless: { writing: 'goes on', reading: 'goes on', seconds: 0, source: 'AWS, Using Aurora Serverless v2' },
  reader: { writing: 'goes on', reading: 'connections to this reader are lost, and the reader endpoint gives others', seconds: 0, source: 'AWS, Modifying a DB instance in a DB cluster' },
  onlyReader: { writing: 'goes on', reading: 'connections to the reader are lost; until it is back the reader endpoint gives the writer', seconds: 0, source: 'AWS, Amazon Aurora connection management' },
  failover: { writing: 'fails, usually for less than 60 seconds and often for less than 30', reading: 'is interrupted as long', seconds: 60, source: FAULT_TOLERANCE },
  failoverPooled: { writing: 'waits at the proxy, often for less than 30 seconds and usually for less than 60', reading: 'waits as long', seconds: 30, source: `${FAULT_TOLERANCE}; AWS, Using Amazon RDS Proxy` },
  onlyInstance: { writing: 'fails until the instance is back, for minutes', reading: 'fails as long', source: 'AWS, Modifying a DB instance in a DB cluster' },
  multiAzCluster: { writing: 'fails while another instance takes the writer\'s place: a failover of such a cluster typically takes less than 35 seconds', reading: 'connections to the instances are lost in turn', seconds: 35, source: 'AWS, FailoverDBCluster' },
  multiAzInstance: { writing: 'fails while the standby, which got the new class first, takes over: typically for 60 to 120 seconds', reading: 'fails as long', seconds: 120, source: FACTORS },
  single: { writing: 'fails until the instance has moved to a new host and recovered, as long as that takes', reading: 'fails as long', source: FACTORS },
} as const satisfies Readonly<Record<string, Interruption>>;

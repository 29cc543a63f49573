/** The history of one metric. */
export interface Series {
  readonly name: string;
  /** CloudWatch's word, such as `Bytes`. @default - not known: `get-metric-data` does not say */
  readonly unit?: string;
  /** In any order. */
  readonly points: readonly Point[];
}

export interface Point {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly value: number;
}

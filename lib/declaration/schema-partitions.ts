import { z } from 'zod';

export const PERIODS = ['day', 'week', 'month', 'year'] as const;

/** Which of them go together is checked with the rest of the rules, which say it in words. */
export const partitionBy = z.strictObject({
  range: z.string().optional(),
  every: z.enum(PERIODS).optional(),
  ahead: z.int().min(0).max(366).optional(),
  from: z.string().optional(),
  hash: z.int().min(2).max(256).optional(),
});

export const PARTITION_PROPERTIES = Object.keys(partitionBy.shape);

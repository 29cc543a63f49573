import { z } from 'zod';

/** Objects that hold no rows: what nobody declared of them can be removed without losing data. */
export const EXCLUSIVE_KINDS = ['index', 'constraint', 'trigger', 'rule', 'view', 'function', 'sequence'] as const;
export type ExclusiveKind = (typeof EXCLUSIVE_KINDS)[number];

export const exclusive = z.array(z.enum(EXCLUSIVE_KINDS));

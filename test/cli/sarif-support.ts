import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** What the schema of SARIF 2.1.0 says against a log; empty when nothing. */
export function schemaComplaints(log: unknown): string[] {
  schema ??= z.fromJSONSchema({
    // zod takes a reference for a whole address.
    ...JSON.parse(readFileSync(join(__dirname, '../fixtures/sarif/sarif-schema-2.1.0.json'), 'utf8'), (key, value: unknown) => (key === 'format' && value === 'uri-reference' ? undefined : value)),
    // It says 2020-12, and keeps its definitions where draft 7 has them.
    $schema: 'http://json-schema.org/draft-07/schema#',
  });
  return schema.safeParse(log).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];
}

let schema: z.ZodType | undefined;

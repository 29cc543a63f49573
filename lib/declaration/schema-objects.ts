import { z } from 'zod';

const text = z.string().min(1).refine((given) => !given.includes('\0'), { error: 'holds a NUL character, which PostgreSQL cannot store' });

export const extension = z.strictObject({ version: text.optional(), optional: z.boolean().optional(), schema: z.string().optional() });

/** @param columnType - the built-in types */
export const domainOf = (columnType: z.ZodString) => z.strictObject({
  type: columnType, check: text.optional(), nullable: z.boolean().optional(), default: text.optional(), comment: text.optional(),
});

const operations = ['insert', 'update', 'delete'] as const;

export const publication = z.strictObject({
  tables: z.array(z.string()).min(1),
  operations: z.array(z.enum(operations)).min(1).default([...operations]),
  rowFilter: z.record(z.string(), text).optional(),
});

export type ExtensionDeclaration = Readonly<z.output<typeof extension>>;
export type DomainDeclaration = Readonly<z.output<ReturnType<typeof domainOf>>>;
export type PublicationDeclaration = Readonly<z.output<typeof publication>>;

/** The properties of what lies beside the tables, by the part of the declaration. */
export const OBJECT_PROPERTIES: Readonly<Record<string, readonly string[]>> = {
  extensions: Object.keys(extension.shape), domains: ['type', 'check', 'nullable', 'default', 'comment'], publications: Object.keys(publication.shape),
};

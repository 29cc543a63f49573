import type { Client } from 'pg';
import { TenantryError } from '../../core/errors';
import type { Declaration } from '../../declaration/schema';
import { definitionsOf } from './definitions';
import { digestOf, functionSql, triggerSql, viewSql, type Where } from './definition-sql';

const ABORTED = '25P02';
const SOMEWHERE: Where = { schema: 'somewhere', referenceSchema: 'somewhere' };

interface Text {
  readonly at: string;
  readonly sql: string;
}

/**
 * Has the server read every declared definition as exactly one statement of its kind, without running it: a second statement, or a bracket
 * that is closed early, could do anything. In a transaction that failed the server reads a statement, and then refuses it.
 *
 * @throws TenantryError (`input`) for the first one that is not
 */
export async function readDefinitions(client: Client, declaration: Declaration): Promise<void> {
  const texts = textsOf(declaration);
  if (texts.length === 0) return;
  await client.query('begin');
  try {
    await client.query('select 1 / 0').catch(() => undefined);
    for (const { at, sql } of texts) {
      const error = await client.query({ text: sql, queryMode: 'extended' } as { text: string }).then(() => undefined, (thrown: unknown) => thrown as Error & { code?: string });
      if (error?.code === ABORTED) continue;
      if (error !== undefined && !(error.code ?? '').startsWith('42')) throw error;
      throw new TenantryError('input', {
        code: 'declaration/definition', at, problem: `PostgreSQL cannot read it: ${error?.message ?? 'it was not read as expected'}.`, fix: 'Correct it. It is one query, one expression or one body, and no statement behind it.',
      }, { cause: error });
    }
  } finally {
    await client.query('rollback');
  }
}

/** The digest of the canonical forms, changed where definitions are declared: they are read again when one of them changes. */
export function withDefinitions(digest: string, declaration: Declaration): string {
  const texts = textsOf(declaration);
  return texts.length === 0 ? digest : digestOf(JSON.stringify([digest, texts]));
}

function textsOf(declaration: Declaration): Text[] {
  const { functions, views, triggers } = definitionsOf(declaration, 'row');
  const expression = (at: string, text: string): Text => ({ at, sql: `select (\n${text}\n)` });
  return [
    ...functions.flatMap((wanted) => [
      ...(wanted.arguments ?? []).flatMap((argument, i) => (argument.default === undefined ? [] : [expression(`functions.${wanted.name}.arguments.${i}.default`, argument.default)])),
      { at: `functions.${wanted.name}`, sql: functionSql(SOMEWHERE, wanted) },
    ]),
    ...views.flatMap((wanted) => [{ at: `views.${wanted.name}.query`, sql: `select from (\n${wanted.query.replace(/;\s*$/, '')}\n) query` }, { at: `views.${wanted.name}`, sql: viewSql(SOMEWHERE, wanted) }]),
    ...[...triggers].flatMap(([table, of]) => of.flatMap((wanted) => [
      ...(wanted.when === undefined ? [] : [expression(`tables.${table}.triggers.${wanted.name}.when`, wanted.when)]),
      { at: `tables.${table}.triggers.${wanted.name}`, sql: triggerSql(SOMEWHERE, table, wanted) },
    ])),
  ];
}

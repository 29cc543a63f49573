import type { Client } from 'pg';
import { TenantryError } from '../../core/errors';

/**
 * Runs exactly one statement with an expression of the declaration: the extended protocol refuses a second one.
 *
 * @throws TenantryError (`input`) when the server does not accept it
 */
export async function one(client: Client, text: string, at: string, expression: string): Promise<void> {
  try {
    await client.query({ text, queryMode: 'extended' } as { text: string });
  } catch (error) {
    const { message, code = '' } = error as Error & { code?: string };
    if (!/^(42|22|0A|2B|54)/.test(code)) throw error;
    throw new TenantryError('input', {
      code: 'declaration/expression', at, problem: expression === '' ? `PostgreSQL does not accept the columns: ${message}.` : `PostgreSQL does not accept ${JSON.stringify(expression)}: ${message}.`,
      fix: 'Correct the expression. Functions outside of pg_catalog are written with their schema.',
    }, { cause: error });
  }
}

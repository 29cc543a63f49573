import { privilegesOf } from '../../declaration/column-access';
import type { Declaration, TableDeclaration } from '../../declaration/schema';
import type { PolicyDeclaration } from '../../declaration/schema-access';

/** As `pg_policy` has it: all, SELECT, INSERT, UPDATE or DELETE. */
export type PolicyLetter = '*' | 'r' | 'a' | 'w' | 'd';

/**
 * A declared policy. Its conditions stand as they were written; once the server was asked, as it prints them, with `OWN` in front of each
 * table of the place and `REFERENCE` in front of each reference table, where the name of the schema comes.
 */
export interface ShapePolicy {
  readonly name: string;
  readonly command: PolicyLetter;
  /** Declared names. */
  readonly roles: readonly string[];
  readonly using?: string;
  readonly check?: string;
  /** Rules about its shape that it may break. */
  readonly allow?: readonly string[];
  /** Tables that all of its roles may read. */
  readonly readable: readonly string[];
  /** Tables that its conditions read. @default - none, or the server was not asked yet */
  readonly reads?: readonly string[];
  /** Whether it lets every row through or none, whatever is in them, and is not just `true`. */
  readonly columnless?: true;
}

const LETTERS: Readonly<Record<PolicyDeclaration['for'], PolicyLetter>> = { all: '*', select: 'r', insert: 'a', update: 'w', delete: 'd' };

export const OWN = '\u0001';
export const REFERENCE = '\u0002';

/** The policies of a table, or nothing at all where none is declared. */
export function shapePolicies({ roles, tables }: Declaration, table: TableDeclaration): { policies?: readonly ShapePolicy[] } {
  const { policies = {} } = table;
  if (Object.keys(policies).length === 0) return {};
  return {
    policies: Object.entries(policies).map(([name, { for: command, to, using, check = command === 'all' || command === 'update' ? using : undefined, lint }]) => ({
      name, command: LETTERS[command], roles: to, ...(using === undefined ? {} : { using }), ...(check === undefined ? {} : { check }), ...(lint === undefined ? {} : { allow: lint.allow }),
      readable: Object.keys(tables).filter((read) => to.every((role) => {
        const access = roles[role]?.tables[read];
        return access !== undefined && privilegesOf(access).r !== undefined;
      })),
    })),
  };
}

/** A condition as it is in a place. @param schema, reference - quoted as the server does where the text is compared */
export const inPlace = (condition: string, schema: string, reference: string): string => condition.replaceAll(OWN, `${schema}.`).replaceAll(REFERENCE, `${reference}.`);

/** A condition with the names of tables alone, as somebody writes it. */
export const unmarked = (condition: string): string => condition.replaceAll(OWN, '').replaceAll(REFERENCE, '');

/** Whether a policy decides about a command. */
export const covers = ({ command }: Pick<ShapePolicy, 'command'>, letter: PolicyLetter): boolean => command === '*' || command === letter;

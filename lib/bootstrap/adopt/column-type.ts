import type { ExistingColumn, ExistingType } from './existing';

/** What a column becomes in a declaration. */
export interface DeclaredType {
  readonly type: string;
  /** What the copy casts its values to. @default - they are taken as they are */
  readonly cast?: string;
  /** What is otherwise than before. @default - nothing */
  readonly change?: string;
  /** A condition that takes the place of the type's own. @default - none */
  readonly check?: (column: string) => string;
  readonly domain?: ExistingType;
}

const SAME = /^(uuid|text|boolean|smallint|integer|bigint|real|double precision|numeric(\(\d+,\d+\))?|date|interval|json|jsonb|bytea|inet|cidr)$/;

/** PostgreSQL's name of a type in the words of a declaration; undefined where it has none. */
function plain(type: string): DeclaredType | undefined {
  if (SAME.test(type)) return { type };
  const varchar = /^character varying\((\d+)\)$/.exec(type);
  if (varchar) return { type: `varchar(${varchar[1]})` };
  const char = /^character\((\d+)\)$/.exec(type);
  if (char) return { type: `char(${char[1]})` };
  const time = /^(timestamp|time)(\(\d\))? (without|with) time zone$/.exec(type);
  if (time && !(time[1] === 'time' && time[3] === 'with')) {
    const name = time[1] === 'time' ? 'time' : time[3] === 'with' ? 'timestamptz' : 'timestamp';
    return time[2] === undefined ? { type: name } : { type: name, change: 'values keep more digits of a second than before' };
  }
  switch (type) {
    case 'character varying': return { type: 'text' };
    case 'xml': return { type: 'text', cast: 'text', change: 'PostgreSQL no longer checks that a value is XML, and its functions for XML need a cast' };
    case 'name': case '"char"': case 'bpchar': return { type: 'text', cast: 'text', change: 'it is compared and padded as text' };
    case 'money': return { type: 'numeric', cast: 'numeric', change: 'it holds a number without a currency' };
    case 'oid': return { type: 'bigint', cast: 'bigint', change: 'it is a number that nothing keeps in step with the catalog' };
    case 'macaddr': case 'macaddr8': return { type: 'text', cast: 'text', change: 'PostgreSQL no longer checks the form of a value' };
    default: return undefined;
  }
}

/** What a declaration can say of a column's type; undefined where it cannot say it. */
export function declaredType(column: ExistingColumn, types: readonly ExistingType[]): DeclaredType | undefined {
  const { collation } = column;
  const declared = withoutCollation(column, types);
  return declared === undefined || collation === null ? declared : { ...declared, change: `it is sorted and compared by the collation of the database instead of ${collation}${declared.change === undefined ? '' : `; ${declared.change}`}` };
}

function withoutCollation(column: ExistingColumn, types: readonly ExistingType[]): DeclaredType | undefined {
  const own = column.ownType === null ? undefined : types.find(({ key }) => key === column.ownType);
  if (column.isArray) {
    if (own?.kind === 'e') return { type: 'text[]', cast: 'text[]', change: 'nothing keeps to the values of the enum any more' };
    const element = column.ownType === null ? plain(column.type.replace(/\[\]$/, '')) : undefined;
    return element === undefined ? undefined : { ...element, type: `${element.type}[]`, ...(element.cast === undefined ? {} : { cast: `${element.cast}[]` }) };
  }
  if (own === undefined) return column.ownType === null ? plain(column.type) : undefined;
  if (own.kind === 'e') {
    const list = own.labels.map((label) => `'${label.replaceAll("'", "''")}'`).join(', ');
    return { type: 'text', cast: 'text', change: 'its values are sorted as text, not in the order of the enum', ...(own.labels.length === 0 ? {} : { check: (name) => `${name} in (${list})` }) };
  }
  if (own.kind === 'd' && own.extension === null && !own.baseIsOwn && own.baseType !== null) {
    const base = plain(own.baseType);
    if (base !== undefined && base.change === undefined && own.needs.length === 0) return { type: '', domain: own, cast: own.baseType };
  }
  // citext and its like: the text is kept, the way it is compared is not.
  return own.extension === 'citext' ? { type: 'text', cast: 'text', change: 'upper and lower case are two different values' } : undefined;
}

export const baseOfDomain = (domain: ExistingType): string => plain(domain.baseType ?? '')?.type ?? 'text';

/** A default as the server printed it, without the cast to a type that is not there any more. */
export function withoutCast(expression: string, type: string): string {
  const cast = `::${type}`;
  return expression.endsWith(cast) ? expression.slice(0, -cast.length) : expression;
}

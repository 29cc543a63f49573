import type { Complaint } from '../core/errors';
import { IDENTIFIER, MAX_IDENTIFIER } from './names';

export interface IdentifierRule {
  /** For instance `the name of a table`. */
  readonly what: string;
  /** Bytes. @default 63 - what PostgreSQL stores */
  readonly max?: number;
  /** `__` separates a declaration's name from a tenant's key, so it may not stand in either. @default false */
  readonly noDoubleUnderscore?: boolean;
}

/** Names are lower case, so that a quoted and an unquoted name mean the same, and are never cut off. */
export function checkIdentifier(name: string, at: string, rule: IdentifierRule): Complaint[] {
  if (name in Object.prototype) {
    return [{ code: 'declaration/reserved-name', at, problem: `${JSON.stringify(name)} is a property of every JavaScript object, and cannot be ${rule.what}.`, fix: 'Choose another name.' }];
  }
  const max = rule.max ?? MAX_IDENTIFIER;
  const bytes = Buffer.byteLength(name);
  if (bytes > max) {
    return [{
      code: 'declaration/name-too-long', at,
      problem: `${JSON.stringify(name)} has ${bytes} bytes; ${rule.what} may have ${max}${max === MAX_IDENTIFIER ? ', and PostgreSQL would cut off the rest without an error' : ', so that the names made of it fit into the 63 bytes of PostgreSQL'}.`,
      fix: 'Shorten it.',
    }];
  }
  if (!IDENTIFIER.test(name) || (rule.noDoubleUnderscore === true && name.includes('__'))) {
    const suggestion = name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase().replace(/[^a-z0-9_]+/g, '_').replace(rule.noDoubleUnderscore ? /_{2,}/g : /(?!)/g, '_').replace(/^(?=[0-9])/, '_');
    return [{
      code: 'declaration/identifier', at,
      problem: `${JSON.stringify(name)} cannot be ${rule.what}: lower-case letters, digits and _ are allowed, with a letter or _ in front${rule.noDoubleUnderscore ? ' and no two _ in a row' : ''}. PostgreSQL folds unquoted names to lower case, so that other names would be two different ones.`,
      ...(IDENTIFIER.test(suggestion) && !/^_*$/.test(suggestion) ? { fix: `For instance ${JSON.stringify(suggestion)}.` } : {}),
    }];
  }
  return [];
}

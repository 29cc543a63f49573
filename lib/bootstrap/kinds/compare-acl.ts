import { ident } from '../sql/quote';
import type { Change, Difference } from '../plan/difference';
import { minus, parseAcl, privilegeList } from './acl';
import { change, refusal } from './kind';
import { isPlatformRole } from './membership';

export interface AclTarget {
  readonly kind: string;
  readonly target: string;
  readonly place?: string;
  /** `table "shop"."orders"`: what GRANT names. */
  readonly object: string;
  /** For people, without the place. */
  readonly label: string;
  /** Columns, where the privileges are of columns. */
  readonly columns?: readonly string[];
  readonly owner: string;
  readonly externalGrants: readonly string[];
  readonly actor?: Change['actor'];
  /** What stands when the list is null: PostgreSQL's built-in privileges of PUBLIC for this kind of object. */
  readonly builtIn?: string;
}

/** Brings a privilege list to exactly what is declared: what is missing is granted, every other grantee loses everything. */
export function compareAcl(target: AclTarget, want: ReadonlyMap<string, string>, acl: string | null | undefined): Difference[] {
  const have = acl === null || acl === undefined ? [] : parseAcl(acl);
  const builtIn = target.builtIn !== undefined && (acl === null || acl === undefined) ? [{ grantee: '', grantor: target.owner, privileges: target.builtIn, grantable: '' }] : [];
  const live = [...have, ...builtIn];
  const differences: Difference[] = [];
  const base = { kind: target.kind, target: target.target, ...(target.place === undefined ? {} : { place: target.place }), ...(target.actor === undefined ? {} : { actor: target.actor }) };
  const columns = target.columns === undefined ? '' : ` (${target.columns.map(ident).join(', ')})`;
  const withColumns = (letters: string): string => [...letters].map((letter) => `${privilegeList(letter)}${columns}`).join(', ');

  for (const grant of live) {
    const { grantee } = grant;
    if (grantee === target.owner || isLeftAlone(target, grantee)) continue;
    const wanted = want.get(grantee) ?? '';
    const extra = minus(grant.privileges, wanted);
    const name = grantee === '' ? 'PUBLIC' : grantee;
    const grantee_ = grantee === '' ? 'public' : ident(grantee);
    if (extra !== '' && grant.grantor !== target.owner) {
      // It goes with its grantor's right to pass it on; where that right stays, only the grantor can take it back.
      const stays = live.some(({ grantee: holder, grantable }) => holder === grant.grantor && minus(extra, grantable) === '') && isLeftAlone(target, grant.grantor);
      if (stays) {
        differences.push(refusal({
          ...base, code: 'grant/by-another', summary: `${name} may ${privilegeList(extra)} on ${target.label}, granted by ${grant.grantor}, whose privileges are left alone`,
          fix: `As ${grant.grantor}: revoke ${withColumns(extra)} on ${target.object} from ${grantee_}. Or name ${name} in externalGrants.`,
        }));
        continue;
      }
    }
    if (extra !== '') {
      differences.push(change({
        ...base, action: 'revoke', summary: `${name} may no longer ${privilegeList(extra)} on ${target.label}`, reason: 'not declared',
        sql: `revoke ${withColumns(extra)} on ${target.object} from ${grantee_} cascade`,
      }));
    }
    const passable = minus(grant.grantable, extra);
    if (passable !== '') {
      differences.push(change({
        ...base, action: 'revoke', summary: `${name} may no longer pass on ${privilegeList(passable)} on ${target.label}`, reason: 'not declared',
        sql: `revoke grant option for ${withColumns(passable)} on ${target.object} from ${grantee_} cascade`,
      }));
    }
  }
  for (const [grantee, letters] of want) {
    // What somebody else granted goes with that grantor's right to pass it on.
    const held = live.filter((grant) => grant.grantee === grantee && grant.grantor === target.owner).map((grant) => grant.privileges).join('');
    const missing = minus(letters, held);
    if (missing === '') continue;
    differences.push(change({
      ...base, action: 'grant', summary: `${grantee === '' ? 'PUBLIC' : grantee} may ${privilegeList(missing)} on ${target.label}`, reason: 'declared, not there',
      sql: `grant ${withColumns(missing)} on ${target.object} to ${grantee === '' ? 'public' : ident(grantee)}`,
    }));
  }
  return differences;
}

const isLeftAlone = ({ externalGrants }: AclTarget, role: string): boolean => isPlatformRole(role) || externalGrants.includes(role);

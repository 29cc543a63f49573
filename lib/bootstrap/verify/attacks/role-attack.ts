import { type Attack, attack, type Expected, type RoleTarget } from '../attack';
import { type Acceptance, type Control, type Denial, judge } from '../judge';
import { literal } from '../../sql/quote';
import type { ProbeSession } from '../session';

export interface RoleStatement {
  readonly id: string;
  readonly title: string;
  readonly why: string;
  readonly denial: Denial;
  readonly sql: (target: RoleTarget) => readonly string[];
  readonly inapplicable?: (target: RoleTarget) => string | undefined;
  readonly controls?: (session: ProbeSession, target: RoleTarget) => Promise<readonly Control[]>;
  readonly accepted?: (target: RoleTarget) => Acceptance | undefined;
  readonly breach: (target: RoleTarget) => Acceptance;
}

/** An attack that a role tries once in a place, with one or several statements; the first that gets through counts. */
export function roleStatement(fields: RoleStatement): Attack<'role'> {
  return attack<'role'>({
    id: fields.id, title: fields.title, why: fields.why, level: 'role',
    ...(fields.inapplicable === undefined ? {} : { inapplicable: fields.inapplicable }),
    expected: (): Expected => ({ verdict: 'denied' }),
    async run(session, target) {
      const as = target.role.grantee;
      const [outcomes, role, more] = await Promise.all([
        Promise.all(fields.sql(target).map((sql) => session.attempt({ as, context: target.own, sql }))), session.attempt({ as, sql: `select 1 where current_user = ${literal(as)}` }),
        fields.controls?.(session, target) ?? [],
      ]);
      const through = outcomes.find(({ sqlstate, rows }) => !(sqlstate === undefined ? fields.denial.done === true || (fields.denial.empty === true && rows === 0) : fields.denial.sqlstates?.includes(sqlstate) === true));
      const accepted = fields.accepted?.(target);
      return [judge({
        denial: fields.denial, outcome: through ?? outcomes[0] ?? { rows: 0 }, controls: [{ text: 'the statement ran as the role', held: role.rows === 1 }, ...more],
        ...(accepted === undefined ? {} : { accepted }), breach: fields.breach(target), role: as,
      })];
    },
  });
}

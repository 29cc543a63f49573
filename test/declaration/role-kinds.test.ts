import { describe, expect, it } from 'vitest';
import { parseDeclaration } from '../../lib/declaration';
import { deskInput } from '../bootstrap/support/desk';
import { refused } from '../support/refused';

type Changed = Record<string, unknown> & { roles: Record<string, Record<string, unknown>> };

function complaintsOf(change: (declaration: Changed) => void): string[] {
  const declaration = structuredClone(deskInput) as unknown as Changed;
  change(declaration);
  return refused(() => parseDeclaration(declaration))?.complaints.map(({ code, at = '', problem }) => `${code} ${at}: ${problem}`) ?? [];
}
const role = (name: string, properties: object) => (d: Changed): void => void (d.roles[name] = { ...d.roles[name], ...properties });
const grant = (entry: object) => (d: Changed): void => void (d['supportAccess'] = [{ member: 'anna', role: 'helpdesk', until: '2030-01-01T00:00:00Z', reason: 'x', ...entry }]);

describe('kinds of roles', () => {
  it('fill in what follows from the kind, and leave other declarations as they were', () => {
    const { roles, ...rest } = parseDeclaration(deskInput);
    expect(roles['deploy']).toMatchObject({ kind: 'migrator', scope: 'all', tables: {} });
    expect(roles['helpdesk']).toMatchObject({ kind: 'support', scope: 'all', login: 'none' });
    expect(Object.keys(roles['auditor'] ?? {})).toEqual(['scope', 'login', 'tables', 'masked']);
    expect(rest).not.toHaveProperty('supportAccess');
    expect(parseDeclaration(JSON.parse(JSON.stringify(parseDeclaration(deskInput))))).toEqual(parseDeclaration(deskInput));
  });

  it.each([
    ['an application without tables', (d: Changed) => void delete d.roles['app']?.['tables'], ['declaration/missing roles.app.tables: Nothing is given here; expected record.']],
    ['a migrator without a login', role('deploy', { login: 'none', settings: undefined }), ['declaration/role-kind roles.deploy.login: A migrator is a login, and nothing else.']],
    ['a migrator with tables', role('deploy', { tables: { notes: 'read' } }), ['declaration/role-kind roles.deploy.tables: A migrator has no right of its own: it takes on the owner and the maintainer.']],
    ['a backup of one tenant', role('dump', { scope: 'tenant' }), ['declaration/role-kind roles.dump.scope: A role of kind backup belongs to no tenant, and scope "tenant" is given.']],
    ['a backup with tables', role('dump', { tables: { notes: 'read' } }), ['declaration/role-kind roles.dump.tables: A backup role reads every table, so that none is named.']],
    ['a support role that logs in', role('helpdesk', { login: 'iam' }), ['declaration/role-kind roles.helpdesk.login: People use helpdesk with logins of their own, so that it is known who did what, and login "iam" is given.']],
    ['a longest time of an application', role('app', { maxDuration: '1h' }), ['declaration/role-kind roles.app.maxDuration: maxDuration is the longest time that access to a support role is granted for, and app is of kind application.']],
    ['settings without a login', role('auditor', { settings: { lockTimeout: '1s' } }), ['declaration/role-kind roles.auditor.settings: Settings are given to the logins of a role, and auditor has none.']],
    ['a setting that there is not', role('app', { settings: { lockTimout: '1s' } }), ['declaration/unknown-key roles.app.settings.lockTimout: "lockTimout" is not a property here.']],
    ['a time that is none', role('app', { settings: { lockTimeout: "1s'; drop" } }), [`declaration/invalid-value roles.app.settings.lockTimeout: "1s'; drop" is not a time; write a whole number with ms, s, min, h or d, for instance '30s'.`]],
    ['a time that is too long', role('app', { settings: { lockTimeout: '25d' } }), ['declaration/invalid-value roles.app.settings.lockTimeout: "25d" is more than PostgreSQL keeps in a setting; 24 days are allowed.']],
    ['a size that is too small', role('app', { settings: { workMem: '63kB' } }), ['declaration/invalid-value roles.app.settings.workMem: "63kB" is less than PostgreSQL allows; 64kB are the least.']],
    ['access as a role of an application', grant({ role: 'app' }), ['declaration/support-access supportAccess.0.role: "app" is not a role of kind support; there are helpdesk and breakglass.']],
    ['access of a name that is none', grant({ member: 'a'.repeat(64) }), [`declaration/support-access supportAccess.0.member: "${'a'.repeat(64)}" has more than the 63 bytes of a login's name.`]],
    ['access twice', (d: Changed) => (grant({})(d), void (d['supportAccess'] = [d['supportAccess'], d['supportAccess']].flat())), ['declaration/support-access supportAccess.1: The access of anna as helpdesk until 2030-01-01T00:00:00Z stands here twice.']],
    ['access without an offset', grant({ until: '2030-01-01 00:00' }), ['declaration/invalid-value supportAccess.0.until: "2030-01-01 00:00" is not a point in time; write it with its offset, for instance 2026-05-31T18:00:00Z.']],
    ['a reason of two lines', grant({ reason: 'a\nb' }), ['declaration/invalid-value supportAccess.0.reason: "a\\nb" holds a line break or another control character, which would look like something else where it is shown.']],
    ['access without a reason', grant({ reason: ' ' }), ['declaration/invalid-value supportAccess.0.reason: " " is no reason; say why the access is needed.']],
  ])('refuse %s', (_title, change, complaints) => {
    expect(complaintsOf(change)).toEqual(complaints);
  });
});

import { type ChangedAccess, grantAccess, listAccess, type ListedAccess, revokeAccess } from '../../bootstrap';
import { json } from '../documents';
import { withoutControls } from '../../declaration/access-reason';
import { groupRole } from '../../declaration/names';
import { EXIT } from '../exit';
import { columnsText } from '../output/columns-text';
import { colorsFor, type Streams } from '../streams';
import { type CommonOptions, type LockOptions, withTarget } from '../target';

export interface GrantOptions extends CommonOptions, LockOptions {
  readonly role: string;
  readonly for: string;
  readonly reason: string;
}

export interface RevokeOptions extends CommonOptions, LockOptions {
  readonly role?: string;
}

export interface AccessListOptions extends CommonOptions {
  readonly all?: boolean;
}

export async function grantCommand(member: string, options: GrantOptions, streams: Streams): Promise<number> {
  const { granted, group } = await withTarget(options, async ({ access, loaded }) => ({
    granted: await grantAccess({ access, loaded, lockWait: options.lockWait * 1000 }, { member, role: options.role, for: options.for, reason: options.reason }),
    group: groupRole(loaded.manifest.declaration.name, options.role),
  }));
  const [grant] = granted.grants;
  streams.out.write(options.format === 'json' ? json(document('granted', granted)) : [
    '', `  ${member} has access as ${grant?.role} until ${grant?.until.toISOString()}   ${seconds(granted)}`,
    `  in a transaction: set local role ${group}; call tenantry.enter_support('TENANT', 'REASON')`, '',
  ].join('\n'));
  return EXIT.done;
}

export async function revokeCommand(member: string, options: RevokeOptions, streams: Streams): Promise<number> {
  const revoked = await withTarget(options, ({ access, loaded }) => revokeAccess({ access, loaded, lockWait: options.lockWait * 1000 }, member, options.role));
  streams.out.write(options.format === 'json' ? json(document('revoked', revoked)) : ['', ...revoked.grants.map(({ role }) => `  ${member} has no access as ${role} any more   ${seconds(revoked)}`), ''].join('\n'));
  return EXIT.done;
}

export async function accessListCommand(options: AccessListOptions, streams: Streams): Promise<number> {
  const { name, address, grants } = await withTarget(options, async ({ access, loaded }) =>
    ({ name: loaded.manifest.declaration.name, address: loaded.manifest.address, grants: await listAccess({ access, loaded }, options.all === true) }));
  streams.out.write(options.format === 'json' ? json({ format: 'tenantry/access-list@1', declaration: name, address, grants }) : listText(grants, streams));
  return EXIT.done;
}

const document = (outcome: 'granted' | 'revoked', { member, grants, milliseconds }: ChangedAccess) => ({ format: 'tenantry/access@1', outcome, member, grants: grants.map(({ id, role, reason, until }) => ({ id, role, reason, until })), milliseconds });
const seconds = ({ milliseconds }: ChangedAccess): string => `${(milliseconds / 1000).toFixed(1)} s`;
const minute = (date: Date): string => date.toISOString().slice(0, 16).replace('T', ' ');

function listText(grants: readonly ListedAccess[], streams: Streams): string {
  if (grants.length === 0) return '\n  Nobody has access to the rows of tenants as a support role.\n';
  const rows = grants.map(({ member, role, state, from, until, declared, grantedBy, reason }) =>
    ({ cells: [member, role, state, minute(from), minute(until), declared ? 'code' : grantedBy, withoutControls(reason.replace(/\s+/g, ' '))], marked: state === 'open' }));
  return columnsText(['member', 'role', 'state', 'from (UTC)', 'until (UTC)', 'granted by', 'reason'], rows, colorsFor(streams));
}

import { column } from './column';
import { constraint } from './constraint';
import { database } from './database';
import { defaultPrivilege } from './default-privilege';
import { functions } from './function';
import { index } from './index-kind';
import { inheritance } from './inheritance';
import type { Kind } from './kind';
import { membership } from './membership';
import { otherObject } from './other-object';
import { password } from './password';
import { policy } from './policy';
import { publicSchema } from './public-schema';
import { referenceRow } from './reference-row';
import { role } from './role';
import { rowSecurity } from './row-security';
import { schema } from './schema';
import { setting } from './setting';
import { sharedAccess } from './shared-access';
import { surroundings } from './surroundings';
import { table } from './table';
import { tableGrant } from './table-grant';
import { tenancy } from './tenancy';
import { tenant } from './tenant';
import { tenantId } from './tenant-id';
import { trigger } from './trigger';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- what a kind wants and has is known to that kind alone
type AnyKind = Kind<any, any, any>;

/** Every kind of catalog object, each behind those that it depends on. */
export const KINDS: readonly AnyKind[] = [
  role, membership, database, setting,
  publicSchema, defaultPrivilege, surroundings, sharedAccess,
  schema, otherObject, table, tenancy, inheritance, column, constraint, index, trigger, rowSecurity, policy, tableGrant, functions, referenceRow, tenantId, tenant, password,
];

export const SERVER_KINDS = KINDS.filter(({ level }) => level === 'server');
export const DATABASE_KINDS = KINDS.filter(({ level }) => level !== 'server');

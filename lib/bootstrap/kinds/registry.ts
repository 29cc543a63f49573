import { accessGrant } from './access-grant';
import { column } from './column';
import { constraint } from './constraint';
import { contextKey } from './context-key';
import { database } from './database';
import { declaredFunction, functionBody } from './declared-function';
import { defaultPrivilege } from './default-privilege';
import { defaultPartition } from './default-partition';
import { domain } from './domain';
import { exclusive } from './exclusive';
import { extension } from './extension';
import { functions } from './function';
import { index } from './index-kind';
import { inheritance } from './inheritance';
import type { Kind } from './kind';
import { membership } from './membership';
import { otherObject } from './other-object';
import { partition } from './partition';
import { password } from './password';
import { placeContent } from './place-content';
import { policy } from './policy';
import { publication } from './publication';
import { publicSchema } from './public-schema';
import { referenceRow } from './reference-row';
import { role } from './role';
import { retired } from './retired';
import { rowSecurity } from './row-security';
import { schema } from './schema';
import { sequence } from './sequence';
import { setting } from './setting';
import { sharedAccess } from './shared-access';
import { surroundings } from './surroundings';
import { table } from './table';
import { tableGrant } from './table-grant';
import { tenancy } from './tenancy';
import { tenant } from './tenant';
import { tenantId } from './tenant-id';
import { tier } from './tier';
import { tierLimit } from './tier-limit';
import { trigger } from './trigger';
import { undeclaredAccess } from './undeclared-access';
import { view } from './view';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- what a kind wants and has is known to that kind alone
type AnyKind = Kind<any, any, any>;

/** Every kind of catalog object, each behind those that it depends on. */
export const KINDS: readonly AnyKind[] = [
  role, membership, database, setting, tierLimit,
  publicSchema, defaultPrivilege, extension, surroundings, sharedAccess,
  schema, domain, otherObject, table, tenancy, inheritance, column, constraint, index, rowSecurity, policy, tableGrant, partition, defaultPartition, functions,
  sequence, declaredFunction, view, functionBody, trigger, undeclaredAccess, exclusive, retired, referenceRow, placeContent, publication, tenantId, tier, tenant, contextKey, accessGrant, password,
];

export const SERVER_KINDS = KINDS.filter(({ level }) => level === 'server');
export const DATABASE_KINDS = KINDS.filter(({ level }) => level !== 'server');

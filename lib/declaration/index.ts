export { defineSchema } from './define';
export type { Checked, RoleNameOf, RowOf, Schema, ValueOf } from './infer';
export { parseDeclaration } from './parse';
export type { ColumnDeclaration, Declaration, RoleDeclaration, TableDeclaration } from './schema';
export type { TenantContext } from './tenant-context';
export { checkTenantKeys, parseTenants, type TenantDeclaration, type Tenants } from './tenants';
export type {
  Access, ColumnInput, ColumnType, DataClass, ForeignKeyInput, IndexInput, Isolation, OnDelete, RoleInput, ScalarType, SchemaInput, TableInput, Tenancy, TenantInput, TenantIsolation,
} from './types';
export type { ColumnAccess, PolicyCommand, PolicyInput, PolicyRule } from './types-access';
export type { FunctionArgumentInput, FunctionInput, FunctionResultInput, SequenceInput, TriggerEvent, TriggerInput, ViewInput } from './types-definitions';
export type { DomainInput, ExtensionInput, PublicationInput, PublishedOperation } from './types-objects';
export type { HashPartitionInput, PartitionInput, PartitionPeriod, RangePartitionInput } from './types-partitions';
export type { RoleKind, RoleSettings, SizeText, SupportAccessInput, TimeText } from './types-roles';
export type { TierInput } from './types-tiers';
export type { ExclusiveKind } from './exclusive';

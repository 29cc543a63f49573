export { defineSchema } from './define';
export type { Checked, RoleNameOf, RowOf, Schema, ValueOf } from './infer';
export { parseDeclaration } from './parse';
export type { ColumnDeclaration, Declaration, RoleDeclaration, TableDeclaration } from './schema';
export { checkTenantKeys, parseTenants, type TenantDeclaration, type Tenants } from './tenants';
export type {
  Access, ColumnInput, ColumnType, DataClass, ForeignKeyInput, IndexInput, Isolation, OnDelete, RoleInput, ScalarType, SchemaInput, TableInput, Tenancy, TenantInput,
} from './types';

import { refusedAsAWhole, type Mutations } from '../support/mutations';

const HERE = { in: 'shop__initech' } as const;

export const objects: Mutations = {
  extension: {
    presence: [{ title: 'an extension that is gone', by: 'drop extension citext', plan: ['shop: create extension citext'] }],
    strangers: [{ title: 'an extension more', by: 'create schema mine; create extension seg with schema mine', plan: ['finding extension/undeclared shop: extension seg is not declared'], finding: { undo: 'drop schema mine cascade' } }],
    version: [{ ...HERE, title: 'an older version of an extension', by: "drop extension hstore; set role shop_owner; create extension hstore with schema extensions version '1.6'", plan: ['shop__initech: update extension hstore from 1.6 to 1.8'] }],
    schema: [{ title: 'an extension in another schema', by: 'alter extension hstore set schema public', plan: ['refused extension/schema shop: extension hstore lies in schema public, and extensions is declared; moving it changes the names by which programs call it, and only a superuser may'], refused: { undo: 'alter extension "hstore" set schema "extensions"' } }],
    'schema presence': [{ ...HERE, title: 'the schema of extensions is gone', away: 'shop__initech', by: 'drop schema extensions cascade', plan: [
      'shop__initech: create the schema extensions for extensions', 'shop__initech: create extension citext', 'shop__initech: create extension hstore 1.8',
    ] }],
    'schema owner': [{ title: 'the owner of the schema of extensions', by: 'alter schema extensions owner to stranger', plan: ['refused extension/schema shop: schema extensions exists and is not ours: it belongs to stranger, who can put functions into it that stand in for those of extensions'], refused: {
      undo: 'alter schema extensions owner to shop_owner',
      blocking: refusedAsAWhole('extension/schema', 'shop', 'Schema extensions exists and is not ours: it belongs to stranger, who can put functions into it that stand in for those of extensions.', 'As stranger or a superuser: alter schema "extensions" owner to "shop_owner"; or give the extensions a schema of another name.'),
    } }],
    'schema privileges': [{ title: 'who may use the schema of extensions', by: 'revoke usage on schema extensions from public; grant create on schema extensions to stranger', plan: [
      'shop: stranger may no longer CREATE on the schema extensions', 'shop: PUBLIC may USAGE on the schema extensions',
    ] }],
  },
  domain: {
    presence: [{ title: 'a domain that is gone', by: 'drop domain shop.plain', plan: ['shop.shop: create domain plain'] }],
    kind: [{ ...HERE, title: 'an enum in place of a domain', by: "drop domain shop.plain; create type shop.plain as enum ('a')", plan: [
      'refused domain/other-kind shop__initech.shop: plain is declared as a domain, but a type (enum) has the name', 'finding object/undeclared shop__initech.shop: type shop.plain is not declared',
    ], refused: {
      undo: 'drop type shop.plain; set role shop_owner; create domain shop.plain as text',
      blocking: refusedAsAWhole('domain/other-kind', 'shop__initech', 'Plain is declared as a domain, but a type (enum) has the name.', 'Rename it, or the declared domain.'),
    } }],
    owner: [{ title: 'the owner of a domain', by: 'alter domain shop.label owner to stranger', plan: ['refused domain/other-owner shop.shop: domain label belongs to stranger, who can change what values it lets through'], refused: {
      undo: 'alter domain shop.label owner to shop_owner',
      blocking: refusedAsAWhole('domain/other-owner', 'shop', 'Domain label belongs to stranger, who can change what values it lets through.', 'As stranger or a superuser: alter domain "shop"."label" owner to "shop_owner"'),
    } }],
    type: [{ ...HERE, title: 'a domain over another type', by: 'drop domain shop.label; create domain shop.label as varchar(3) not null; alter domain shop.label owner to shop_owner', plan: ['refused domain/type shop__initech.shop: domain label is of character varying(3), and text is declared; PostgreSQL cannot change that'], refused: {
      undo: 'drop domain shop.label; set role shop_owner; create domain shop.label as text not null',
      blocking: refusedAsAWhole('domain/type', 'shop__initech', 'Domain label is of character varying(3), and text is declared; PostgreSQL cannot change that.', 'Declare a domain of another name, and write a migration that adds columns of it, copies the values and drops the old ones.'),
    } }],
    collation: [{ title: 'a domain with a collation', by: 'drop domain shop.plain; create domain shop.plain as text collate "C"; alter domain shop.plain owner to shop_owner', plan: ['refused domain/type shop.shop: domain plain is of text with the collation C, and text is declared; PostgreSQL cannot change that'], refused: {
      undo: 'drop domain shop.plain; set role shop_owner; create domain shop.plain as text',
      blocking: refusedAsAWhole('domain/type', 'shop', 'Domain plain is of text with the collation C, and text is declared; PostgreSQL cannot change that.', 'Declare a domain of another name, and write a migration that adds columns of it, copies the values and drops the old ones.'),
    } }],
    check: [
      { title: 'a check of a domain that is gone', by: 'alter domain shop.address drop constraint address_check', plan: ['shop.shop: add check address_check to domain address', 'shop.shop: validate address_check of domain address'] },
      { title: 'a check of a domain that says something else', by: 'alter domain shop.amount drop constraint amount_check; alter domain shop.amount add constraint amount_check check (value >= -5)', plan: [
        'shop.shop: add check amount_next_check to domain amount', 'shop.shop: validate amount_next_check of domain amount',
        'shop.shop: drop constraint amount_check of domain amount', 'shop.shop: constraint amount_next_check of domain amount becomes amount_check',
      ] },
    ],
    validated: [{ ...HERE, title: 'a check of a domain that is not validated', by: "alter domain shop.address drop constraint address_check; alter domain shop.address add constraint address_check check (value ~ '@') not valid", plan: ['shop__initech.shop: validate address_check of domain address'] }],
    strangers: [{ title: 'a check of a domain more', by: "alter domain shop.label add constraint extra_check check (value <> 'x')", plan: ['finding domain/constraint-undeclared shop.shop: constraint extra_check of domain label is not declared'], finding: { undo: 'alter domain shop.label drop constraint extra_check' } }],
    'not null': [
      { title: 'a domain that lets null through', by: 'alter domain shop.label drop not null', plan: ['shop.shop: domain label refuses null'] },
      { title: 'a domain that refuses null', by: 'alter domain shop.code set not null', plan: ['shop.shop: domain code lets null through'] },
    ],
    default: [{ title: 'the default of a domain', by: "alter domain shop.code set default 'other'", plan: ["shop.shop: set the default of domain code to 'none'::character varying"] }],
    comment: [{ title: 'the comment of a domain', by: 'comment on domain shop.address is null', plan: ['shop.shop: comment on domain address'] }],
    privileges: [{ title: 'who may use a domain', by: 'grant usage on type shop.code to stranger, public', plan: ['shop.shop: stranger may no longer USAGE on domain code', 'shop.shop: PUBLIC may no longer USAGE on domain code'] }],
  },
  publication: {
    presence: [{ ...HERE, title: 'a publication that is gone', by: 'drop publication sales', plan: ['shop__initech.shop: create publication sales of shop.notes'] }],
    owner: [{ title: 'the owner of a publication', by: 'alter publication sales owner to postgres', apart: 'sales', plan: ['refused publication/foreign shop: publication sales exists and is not ours: it belongs to postgres'], refused: { undo: 'alter publication sales owner to shop_owner' } }],
    'all tables': [{ ...HERE, title: 'a publication of every table', by: "update pg_publication set puballtables = true where pubname = 'changes'", apart: 'changes in initech', plan: ['refused publication/foreign shop__initech: publication changes exists and is not ours: it is for all tables of the database'], refused: { undo: "update pg_publication set puballtables = false where pubname = 'changes'" } }],
    comment: [{ title: 'the comment of a publication', by: 'comment on publication changes is null', plan: ['shop.shop: mark publication changes as ours'] }],
    operations: [{ title: 'other operations', by: "alter publication changes set (publish = 'insert, truncate')", plan: ['shop.shop: publication changes sends insert, update'] }],
    'partition root': [{ ...HERE, title: 'partitions under their own names', by: 'alter publication changes set (publish_via_partition_root = false)', apart: 'changes in initech', plan: ['shop__initech.shop: publication changes sends insert, update'] }],
    'generated columns': [{ title: 'generated columns', since: 18, by: 'alter publication sales set (publish_generated_columns = stored)', apart: 'sales', plan: ['shop.shop: publication sales sends insert'] }],
    schemas: [{ title: 'every table of a schema', by: 'alter publication changes add tables in schema shop__globex', plan: ['shop.shop: publication changes no longer sends every table of shop__globex'] }],
    tables: [
      { title: 'a table less', by: 'alter publication changes drop table shop__globex.notes', apart: 'globex', plan: ['shop.shop: publication changes sends shop__globex.notes'] },
      { title: 'a table more', by: 'alter publication changes add table shop.customers', plan: ['shop.shop: publication changes no longer sends shop.customers'] },
    ],
    'row filters': [{ title: 'other rows', by: 'alter publication sales set table shop.notes where (seen > 5), shop__globex.notes where (seen >= 0)', apart: 'sales', plan: ['shop.shop: publication sales sends the declared rows and columns of shop.notes'] }],
    columns: [{ ...HERE, title: 'some columns', by: 'alter publication changes set table shop.notes (tenant_id, id), shop.countries', apart: 'changes in initech', plan: ['shop__initech.shop: publication changes sends the declared rows and columns of shop.notes'] }],
  },
};

import { type Mutations, refusedAsAWhole } from '../support/mutations';
import { partitionsOfEvents } from './partitions';

export const roles: Mutations = {
  role: {
    login: [
      { title: 'a group that may log in', by: 'alter role shop_app login', plan: ['server: alter role shop_app NOLOGIN'] },
      { title: 'a login that may not log in', by: 'alter role shop_app_login nologin', plan: ['server: alter role shop_app_login LOGIN'] },
    ],
    inherit: [
      { title: 'a login that inherits', by: 'alter role shop_app_login inherit', plan: ['server: alter role shop_app_login NOINHERIT'] },
    ],
    createrole: [
      { title: 'a group that may create roles', by: 'alter role shop_app createrole', plan: ['server: alter role shop_app NOCREATEROLE'] },
    ],
    createdb: [
      { title: 'a group that may create databases', by: 'alter role shop_editor createdb', plan: ['server: alter role shop_editor NOCREATEDB'] },
    ],
    'connection limit': [
      { title: 'another connection limit', by: 'alter role shop_auditor_login connection limit 50', plan: ['server: alter role shop_auditor_login CONNECTION LIMIT 5'] },
    ],
    'valid until': [
      { title: 'a login whose password ends', by: "alter role shop_auditor_login valid until '2020-01-01'", plan: ["server: alter role shop_auditor_login VALID UNTIL 'infinity'"] },
    ],
    bypassrls: [
      { title: 'BYPASSRLS', by: 'alter role shop_app bypassrls', plan: ['refused role/dangerous-attribute server: role shop_app has BYPASSRLS, which leads around row-level security; only a superuser can take it away'], refused: { undo: 'alter role shop_app nobypassrls' } },
    ],
    superuser: [
      { title: 'SUPERUSER, on a login that a superuser alone may alter then', apart: 'shop_support_login', by: 'alter role shop_support_login superuser nologin', plan: ['refused role/dangerous-attribute server: role shop_support_login has SUPERUSER, which leads around row-level security; only a superuser can take it away'], refused: { undo: 'alter role shop_support_login nosuperuser login' } },
    ],
    replication: [
      { title: 'REPLICATION', by: 'alter role shop_viewer replication', plan: ['refused role/dangerous-attribute server: role shop_viewer has REPLICATION, which leads around row-level security; only a superuser can take it away'], refused: { undo: 'alter role shop_viewer noreplication' } },
    ],
    comment: [
      { title: 'the comment of a role that marks it as ours', by: "comment on role shop_app is 'mine'", plan: ['refused role/foreign server: role shop_app exists and is not ours: its comment is mine'], refused: { undo: `comment on role shop_app is '{"tenantry":{"platform":"acme-platform","environment":"staging","declaration":"shop"}}'`, blocking: 'role/foreign  at server\n\n  Role shop_app exists and is not ours: its comment is mine. Nothing was changed.\n\n  Rename one of the two. If it is meant to be this declaration\'s, take it over with: comment on role "shop_app" is \'{"tenantry":{"platform":"acme-platform","environment":"staging","declaration":"shop"}}\'' } },
    ],
    presence: [
      { title: 'a role that is gone', by: 'drop owned by shop_support__globex; drop role shop_support__globex', plan: [
        'server: create role shop_support__globex',
        'server: make tenantry_bootstrap a member of shop_support__globex',
        'server: make shop_support_login a member of shop_support__globex',
        'shop.shop__globex: shop_support__globex may USAGE on the schema',
        'shop.shop__globex: alter policy tenantry_floor on customers',
        'shop.shop__globex: alter policy tenantry_access on customers',
        'shop.shop__globex: alter policy tenantry_floor on orders',
        'shop.shop__globex: alter policy tenantry_access on orders',
        'shop.shop__globex: alter policy tenantry_floor on notes',
        'shop.shop__globex: alter policy tenantry_access on notes',
        'shop.shop__globex: alter policy tenantry_floor on logs',
        ...['events', ...partitionsOfEvents].flatMap((table) => [`shop.shop__globex: alter policy tenantry_floor on ${table}`, `shop.shop__globex: alter policy tenantry_access on ${table}`]),
        'shop.shop__globex: alter policy tenantry_access on logs',
        'shop.shop__globex: shop_support__globex may SELECT on customers.tenant_id',
        'shop.shop__globex: shop_support__globex may SELECT on customers.id',
        'shop.shop__globex: shop_support__globex may SELECT on customers.name',
        'shop.shop__globex: shop_support__globex may SELECT on customers.created_at',
        'shop.shop__globex: shop_support__globex may SELECT, INSERT on orders',
      ] },
      { title: 'a login that is gone', apart: 'shop_support_login', by: 'drop owned by shop_support_login; drop role shop_support_login', plan: [
        'server: create login shop_support_login',
        'server: make shop_support_login a member of shop_support',
        'server: make shop_support_login a member of shop_support__globex',
        'server: shop_support_login may CONNECT on database shop',
        'shop.tenantry: shop_support_login may USAGE on the schema',
        'shop.tenantry: shop_support_login may EXECUTE on function enter',
        'shop.tenantry: shop_support_login may EXECUTE on function enter',
        'shop.tenantry: shop_support_login may EXECUTE on function placement',
      ] },
    ],
    strangers: [
      { title: 'a login more that carries our mark', by: `set role tenantry_bootstrap; create role shop_older login; comment on role shop_older is '{"tenantry":{"platform":"acme-platform","environment":"staging","declaration":"shop"}}'`, plan: ['server: alter role shop_older NOLOGIN', 'finding role/undeclared server: role shop_older carries our mark but is not declared; it holds no privilege on declared objects'], finding: { undo: 'drop role shop_older' } },
      { title: 'a login more that carries our mark, made by a superuser', since: 18, by: `create role shop_elder login; comment on role shop_elder is '{"tenantry":{"platform":"acme-platform","environment":"staging","declaration":"shop"}}'`, plan: ['refused role/not-ours-to-alter server: role shop_elder is not declared any more and may log in, and tenantry_bootstrap does not administer it', 'finding role/undeclared server: role shop_elder carries our mark but is not declared; it holds no privilege on declared objects'], refused: { undo: 'drop role shop_elder' } },
      { title: 'a login more that carries our mark and is a superuser', by: `create role shop_eldest superuser login; comment on role shop_eldest is '{"tenantry":{"platform":"acme-platform","environment":"staging","declaration":"shop"}}'`, plan: ['refused role/dangerous-attribute server: role shop_eldest is not declared any more and may log in, and has SUPERUSER, so that only a superuser can change it'], refused: { undo: 'drop role shop_eldest' } },
      { title: 'a role more that carries our mark', by: `create role shop_old; comment on role shop_old is '{"tenantry":{"platform":"acme-platform","environment":"staging","declaration":"shop"}}'`, plan: ['finding role/undeclared server: role shop_old carries our mark but is not declared; it holds no privilege on declared objects'], finding: { undo: 'drop role shop_old' } },
    ],
  },
  membership: {
    strangers: [
      { title: 'a member more, made by the login', by: 'set role tenantry_bootstrap; grant shop_app to stranger', plan: ['server: stranger is no longer a member of shop_app'] },
      { title: 'a member more, made by a superuser', until: 15, by: 'grant shop_auditor to stranger', plan: ['server: stranger is no longer a member of shop_auditor'] },
      { title: 'a login of one role in another group', by: 'set role tenantry_bootstrap; grant shop_auditor to shop_app_login', plan: ['server: shop_app_login is no longer a member of shop_auditor'] },
      { title: 'one of our roles in a role that reads everything', by: 'grant pg_read_all_data to shop_app', plan: ['refused membership/not-ours-to-revoke server: shop_app is a member of pg_read_all_data, granted by postgres, which is not declared; tenantry_bootstrap may not revoke it'], refused: { undo: 'revoke pg_read_all_data from shop_app' } },
      { title: 'a member of a role that is not declared any more', by: `set role tenantry_bootstrap; create role shop_oldest; comment on role shop_oldest is '{"tenantry":{"platform":"acme-platform","environment":"staging","declaration":"shop"}}'; grant shop_oldest to stranger`, plan: ['server: stranger is no longer a member of shop_oldest', 'finding role/undeclared server: role shop_oldest carries our mark but is not declared; it holds no privilege on declared objects'], finding: { undo: 'drop role shop_oldest' } },
      { title: 'one of our logins in the owner', by: 'set role tenantry_bootstrap; grant shop_owner to shop_app_login', plan: ['server: shop_app_login is no longer a member of shop_owner'] },
    ],
    presence: [
      { title: 'a membership that is gone', by: 'set role tenantry_bootstrap; revoke shop_app from shop_app_login', plan: ['server: make shop_app_login a member of shop_app'] },
      { title: 'a membership of the maintainer that is gone', by: 'set role tenantry_bootstrap; revoke shop_owner from shop_maintainer', plan: ['server: make shop_maintainer a member of shop_owner'] },
    ],
    inherit: [
      { title: 'a membership that inherits', since: 18, by: 'set role tenantry_bootstrap; grant shop_app to shop_app_login with inherit true', plan: ['server: make shop_app_login a member of shop_app'] },
      { title: 'a second grant of a membership, with more', since: 18, by: 'grant shop_app to shop_app_login with inherit true', plan: ['refused membership/not-ours-to-revoke server: shop_app_login is a member of shop_app with INHERIT, granted by postgres, which is not declared; tenantry_bootstrap may not revoke it'], refused: { undo: 'revoke shop_app from shop_app_login' } },
    ],
    admin: [
      { title: 'a membership that may be passed on', by: 'set role tenantry_bootstrap; grant shop_app to shop_app_login with admin option', plan: ['server: shop_app_login is a member of shop_app without ADMIN'] },
    ],
    set: [
      { title: 'a membership that cannot be taken on', since: 18, by: 'set role tenantry_bootstrap; grant shop_support to shop_support_login with set false', plan: ['server: make shop_support_login a member of shop_support'] },
    ],
    grantor: [
      { title: 'a member more, made by a superuser, which is his', since: 18, by: 'grant shop_auditor to stranger', plan: ['refused membership/not-ours-to-revoke server: stranger is a member of shop_auditor, granted by postgres, which is not declared; tenantry_bootstrap may not revoke it'], refused: { undo: 'revoke shop_auditor from stranger' } },
    ],
  },
  database: {
    privileges: [
      { title: 'CONNECT for PUBLIC', by: 'grant connect on database shop to public', plan: ['server: PUBLIC may no longer CONNECT on database shop'] },
      { title: 'TEMPORARY for a role', by: 'grant temporary on database shop to shop_app_login', plan: ['server: shop_app_login may no longer TEMPORARY on database shop'] },
      { title: 'CREATE for a hand-made role', in: 'shop__initech', by: 'grant create on database shop__initech to "odd ""name"', plan: ['server: odd "name may no longer CREATE on database shop__initech'] },
      { title: 'CONNECT that is gone', by: 'revoke connect on database shop from shop_app_login', plan: ['server: shop_app_login may CONNECT on database shop'] },
      { title: "the home login in a tenant's own database", by: 'grant connect on database shop__initech to shop_app_login', plan: ['server: shop_app_login may no longer CONNECT on database shop__initech'] },
    ],
    comment: [
      { title: 'the comment of a database', by: "comment on database shop is 'mine'", plan: ['refused database/foreign server: database shop exists and is not ours: it belongs to shop_owner, and its comment is mine'], refused: { undo: `comment on database shop is '{"tenantry":{"platform":"acme-platform","environment":"staging","declaration":"shop"}}'`, blocking: "database/foreign  at server\n\n  Database shop exists and is not ours: it belongs to shop_owner, and its comment is mine. Nothing was changed.\n\n  Give the declaration another name. To take an existing database over, let its owner hand it to the owner role first." } },
      { title: 'a comment of a database that is gone', by: 'comment on database shop is null', plan: ['server: mark database shop as ours'] },
    ],
    owner: [
      { title: 'the owner of a database', in: 'postgres', away: 'shop__initech', by: 'alter database shop__initech owner to stranger', plan: [
        'refused database/foreign server: database shop__initech exists and is not ours: it belongs to stranger, and its comment is {"tenantry":{"platform":"acme-platform","environment":"staging","declaration":"shop"}}',
      ], refused: { undo: 'alter database shop__initech owner to shop_owner', blocking: 'database/foreign  at server\n\n  Database shop__initech exists and is not ours: it belongs to stranger, and its comment is {"tenantry":{"platform":"acme-platform","environment":"staging","declaration":"shop"}}. Nothing was changed.\n\n  Give the declaration another name. To take an existing database over, let its owner hand it to the owner role first.' } },
    ],
    validity: [
      { title: 'a database whose dropping was interrupted', in: 'postgres', away: 'shop__initech', by: "update pg_database set datconnlimit = -2 where datname = 'shop__initech'", plan: [
        'refused database/invalid server: database shop__initech is invalid: a DROP DATABASE of it was interrupted, and some of its files may be gone', 'finding database/closed server: what is in database shop__initech is not compared, because it lets nobody in',
      ], refused: { undo: "update pg_database set datconnlimit = -1 where datname = 'shop__initech'", blocking: refusedAsAWhole('database/invalid', 'server', 'Database shop__initech is invalid: a DROP DATABASE of it was interrupted, and some of its files may be gone.', 'Restore it from a backup. Where nobody needs what was in it, drop it as its owner: drop database "shop__initech"') } },
    ],
    'connection limit': [
      { title: 'the connection limit of a database', in: 'postgres', by: 'alter database shop__initech connection limit 7', plan: ['server: database shop__initech has no connection limit'] },
    ],
    'allow connections': [
      { title: 'a database that lets nobody in', in: 'postgres', away: 'shop__initech', by: 'alter database shop__initech allow_connections false', plan: ['server: allow connections to database shop__initech', 'finding database/closed server: what is in database shop__initech is not compared, because it lets nobody in'], passing: true },
    ],
    presence: [
      {
        title: 'a database that is gone', away: 'shop__initech', by: 'drop database shop__initech with (force)', plan: ['refused tenant/lost-place server: database shop__initech held the rows of tenant initech, and is gone; made anew, it would be empty'],
        refused: { undo: "update tenantry.tenants set state = 'provisioning' where key = 'initech'" }, repeated: true,
      },
    ],
  },
  setting: {
    strangers: [
      { title: 'a setting of a login that enters a tenant by itself', by: "alter role shop_app_login set tenantry.tenant_id = '00000000-0000-4000-8000-000000000001'", plan: ["refused setting/not-ours-to-reset server: role shop_app_login sets tenantry.tenant_id, so that every session starts with '00000000-0000-4000-8000-000000000001'; only a superuser can take it back"], refused: { undo: 'alter role shop_app_login reset all' } },
      { title: 'a setting of a login in one database', by: 'alter role shop_app_login in database shop set role = shop_auditor', plan: ['server: role shop_app_login in shop no longer sets role'] },
      { title: 'a setting of a database', by: "alter database shop set tenantry.tenant_id = '00000000-0000-4000-8000-000000000001'", plan: ["refused setting/not-ours-to-reset server: database shop sets tenantry.tenant_id, so that every session starts with '00000000-0000-4000-8000-000000000001'; only a superuser can take it back"], refused: { undo: 'alter database shop reset all' } },
      { title: 'a login whose transactions only read', by: 'alter role shop_deploy_login set default_transaction_read_only = on', plan: ['server: role shop_deploy_login no longer sets default_transaction_read_only'] },
      { title: 'a database whose transactions only read', in: 'postgres', away: 'shop__initech', by: 'alter database shop__initech set default_transaction_read_only = on', plan: ['server: database shop__initech no longer sets default_transaction_read_only'] },
      { title: 'a login whose transactions only read in one database', by: 'alter role shop_app_login in database shop set default_transaction_read_only = true', plan: ['server: role shop_app_login in shop no longer sets default_transaction_read_only'] },
      { title: 'a login whose statements are all cancelled', by: "alter role shop_auditor_login set statement_timeout = '1ms'", plan: ['server: role shop_auditor_login no longer sets statement_timeout'] },
      { title: 'a database in which a backslash escapes a quote', until: 18, in: 'postgres', by: 'alter database shop__initech set standard_conforming_strings = off', plan: ['server: database shop__initech no longer sets standard_conforming_strings'] },
      { title: 'a database in which sessions take on a role', in: 'postgres', away: 'shop__initech', by: 'alter database shop__initech set role = shop_support', plan: ['server: database shop__initech no longer sets role'] },
      { title: 'a login for which no trigger fires', by: 'alter role shop_dump set session_replication_role = replica', plan: ["refused setting/not-ours-to-reset server: role shop_dump sets session_replication_role, so that every session starts with 'replica'; only a superuser can take it back"], refused: { undo: 'alter role shop_dump reset all' } },
      { title: 'a harmless setting', by: "alter role shop_app_login set statement_timeout = '10s'", plan: ['finding setting/undeclared server: role shop_app_login sets statement_timeout, which is not declared'], finding: { undo: 'alter role shop_app_login reset all' } },
      { title: 'a setting of every role', by: "alter role all set search_path = 'evil'; alter role all set work_mem = '5MB'", plan: ["refused setting/of-every-role server: every role sets search_path, so that every session starts with 'evil'; only a superuser can take it back"], refused: { undo: 'alter role all reset all' } },
    ],
    presence: [
      { title: 'a setting of a login that is gone', by: 'alter role shop_deploy_login reset work_mem', plan: ['server: role shop_deploy_login sets work_mem to 64MB'] },
    ],
    value: [
      { title: 'the same value of a setting, written in another way', by: "alter role shop_deploy_login set lock_timeout = '5000'", plan: [] },
      { title: 'another value of a setting', by: "alter role shop_deploy_login set lock_timeout = '1h'", plan: ['server: role shop_deploy_login sets lock_timeout to 5s'] },
    ],
  },
};

import { breakTests } from './support/breaks';

const READS = ['read-without-context', 'read-with-empty-context', 'read-with-malformed-context', 'read-foreign-row', 'read-by-key', 'read-by-ctid', 'read-all', 'count-foreign-rows', 'leaky-predicate', 'cursor', 'plan-cache-context',
  'plan-cache-role', 'copy-to', 'lock-foreign-row', 'tablesample'];
const WRITES = ['insert-foreign-row', 'insert-without-context', 'insert-select-foreign-rows', 'update-foreign-row', 'update-by-ctid', 'steal-foreign-row', 'move-own-row', 'delete-foreign-row', 'delete-returning', 'merge', 'on-conflict-foreign-row'];
const ROWS = [...READS, ...WRITES, 'floor-policy'];

breakTests('a broken row-level security is noticed', [
  { title: 'the floor is dropped', by: 'drop policy tenantry_floor on shop.orders', attack: 'read-foreign-row', place: 'shop.shop', table: 'orders', role: 'shop_app', reason: /tenantry_floor is not there/, remedy: /tenantry bootstrap apply/, also: ROWS },
  { title: 'the floor is dropped in the schema of a tenant', by: 'drop policy tenantry_floor on shop__globex.customers', attack: 'read-foreign-row', place: 'shop.shop__globex', table: 'customers', role: 'shop_app__globex', reason: /tenantry_floor is not there/, remedy: /apply/, also: ROWS },
  { title: 'the floor is dropped in the database of a tenant', database: 'shop__initech', by: 'drop policy tenantry_floor on shop.orders', attack: 'read-foreign-row', place: 'shop__initech.shop', table: 'orders', role: 'shop_app__initech', reason: /tenantry_floor is not there/, remedy: /apply/, also: ROWS },
  { title: 'the floor is permissive', by: "drop policy tenantry_floor on shop.orders; create policy tenantry_floor on shop.orders for all to shop_app, shop_support using (tenant_id = (select nullif(current_setting('tenantry.tenant_id', true), '')::uuid))",
    attack: 'read-all', place: 'shop.shop', table: 'orders', role: 'shop_app', reason: /tenantry_floor is permissive/, remedy: /apply/, also: ROWS },
  { title: 'the floor lets rows through where no tenant is set', by: "alter policy tenantry_floor on shop.orders using (coalesce(nullif(current_setting('tenantry.tenant_id', true), '')::uuid, tenant_id) = tenant_id)",
    attack: 'read-without-context', place: 'shop.shop', table: 'orders', role: 'shop_app', reason: /says something else/, remedy: /apply/, also: ['read-with-empty-context', 'floor-policy'] },
  { title: 'the floor checks reads only', by: 'alter policy tenantry_floor on shop.orders with check (true)', attack: 'insert-foreign-row', place: 'shop.shop', table: 'orders', role: 'shop_app', reason: /says something else/, remedy: /apply/, also: ROWS },
  { title: 'the floor forgets a role', by: 'alter policy tenantry_floor on shop.customers to shop_app', attack: 'floor-policy', place: 'shop.shop', table: 'customers', reason: /shop_support/, remedy: /apply/, also: ROWS },
  { title: 'row-level security is disabled', by: 'alter table shop.orders disable row level security', attack: 'read-without-context', place: 'shop.shop', table: 'orders', role: 'shop_app', reason: /not enabled/, remedy: /apply/,
    also: [...ROWS, 'row-security-switches', 'owner-reads', 'row-security-off', 'pg-stats', 'copy-from'] },
  { title: 'row-level security is not forced', by: 'alter table shop.orders no force row level security', attack: 'owner-reads', place: 'shop.shop', table: 'orders', role: 'shop_owner', reason: /not forced/, remedy: /apply/, also: ['row-security-switches'] },
  { title: 'a policy lets the owner in', by: 'create policy helpful on shop.orders to shop_owner using (true)', attack: 'owner-reads', place: 'shop.shop', table: 'orders', role: 'shop_owner', reason: /policy lets the owner/, remedy: /apply/ },
  { title: 'BYPASSRLS for a group', by: 'alter role shop_app bypassrls', undo: 'alter role shop_app nobypassrls', attack: 'read-foreign-row', place: 'shop.shop', table: 'orders', role: 'shop_app', reason: /shop_app is BYPASSRLS/, remedy: /alter role "shop_app" nobypassrls/,
    also: [...ROWS, 'role-powers', 'role-paths', 'row-security-off', 'pg-stats', 'copy-from'], within: ['shop_app'] },
  { title: 'a table belongs to a group', by: 'alter table shop.orders owner to shop_app', undo: 'alter table shop.orders owner to shop_owner', attack: 'row-security-switches', place: 'shop.shop', table: 'orders', reason: /owned by shop_app/, remedy: /alter table "shop"\."orders" owner to "shop_owner"/ },
]);

import { refusedAsAWhole, type Mutations } from '../support/mutations';

const HERE = { in: 'shop__initech' } as const;

/** Nothing is known of the object any more, as if somebody else had made it; and how that is taken back. */
const forgotten = (kind: string, name: string, place: string): { by: string; undo: string } => ({
  by: `create table public.kept_${kind} as select * from tenantry.definitions where kind = '${kind}' and name = '${name}' and place = '${place}'; delete from tenantry.definitions where kind = '${kind}' and name = '${name}' and place = '${place}'`,
  undo: `insert into tenantry.definitions select * from public.kept_${kind}; drop table public.kept_${kind}`,
});
const [sequenceRecord, functionRecord, viewRecord, triggerRecord] = [forgotten('sequence', 'few', 'shop'), forgotten('function', 'touch', 'shop'), forgotten('view', 'long_notes', 'shop__globex'), forgotten('trigger', 'notes.log', 'shop')];
const recorded = (kind: string, name: string): string => `insert into tenantry.definitions (place, kind, name, declared, live, server_major) values ('shop', '${kind}', '${name}', 'x', '', 1)`;

export const definitions: Mutations = {
  sequence: {
    presence: [{ title: 'a sequence that is gone', by: 'drop sequence shop__globex.numbers', plan: [
      'shop.shop__globex: create sequence numbers', 'shop.shop__globex: shop_viewer__globex may USAGE on sequence numbers', 'shop.shop__globex: shop_dump may SELECT on sequence numbers',
    ] }],
    origin: [{ title: 'a sequence of somebody else', by: sequenceRecord.by, plan: ['refused sequence/not-ours shop.shop: few is declared as a sequence, but a sequence that this library did not make has the name'], refused: {
      undo: sequenceRecord.undo, blocking: refusedAsAWhole('sequence/not-ours', 'shop', 'Few is declared as a sequence, but a sequence that this library did not make has the name.', 'Rename it, or the declared sequence.'),
    } }],
    owner: [{ title: 'the owner of a sequence', by: 'alter sequence shop__globex.numbers owner to stranger', plan: ['refused sequence/other-owner shop.shop__globex: sequence numbers belongs to stranger'], refused: {
      undo: 'alter sequence shop__globex.numbers owner to shop_owner',
      blocking: refusedAsAWhole('sequence/other-owner', 'shop', 'Sequence numbers belongs to stranger.', 'As stranger or a superuser: alter sequence "shop__globex"."numbers" owner to "shop_owner"'),
    } }],
    'owned by': [{ title: 'a sequence that would be dropped with a column', by: 'alter sequence shop.tickets owned by shop.flags.name', plan: ['shop.shop: alter sequence tickets'] }],
    persistence: [{ title: 'a sequence that is UNLOGGED', by: 'alter sequence shop.numbers set unlogged', plan: ['shop.shop: alter sequence numbers'] }],
    type: [{ title: 'the type of a sequence', by: 'alter sequence shop.tickets as bigint', plan: ['shop.shop: alter sequence tickets'] }],
    start: [{ ...HERE, title: 'the start of a sequence', by: 'alter sequence shop.numbers start 5', plan: ['shop__initech.shop: alter sequence numbers'] }],
    increment: [{ title: 'the increment of a sequence', by: 'alter sequence shop.few increment 3', apart: 'few', plan: ['shop.shop: alter sequence few'] }],
    min: [{ ...HERE, title: 'the smallest value of a sequence', by: 'alter sequence shop.numbers minvalue 5', plan: ['shop__initech.shop: alter sequence numbers'] }],
    max: [{ title: 'the largest value of a sequence', by: 'alter sequence shop.few maxvalue 100', apart: 'few', plan: ['shop.shop: alter sequence few'] }],
    cache: [{ title: 'the cache of a sequence', by: 'alter sequence shop.numbers cache 1', plan: ['shop.shop: alter sequence numbers'] }],
    cycle: [{ title: 'a sequence that does not begin anew', by: 'alter sequence shop.tickets no cycle', plan: ['shop.shop: alter sequence tickets'] }],
    'last value': [{ title: 'a sequence that is near its end', by: "select setval('shop.few', 32000)", apart: 'few', plan: ['finding sequence/exhausted shop.shop: sequence few stands at 32000, near its end; a larger type or cycle would give it more values'], finding: { undo: "select setval('shop.few', 1, false)" } }],
    privileges: [{ title: 'who may see a sequence', by: 'grant select on sequence shop.numbers to shop_viewer', plan: ['shop.shop: shop_viewer may no longer SELECT on sequence numbers'] }],
  },
  'declared function': {
    presence: [{ title: 'a function that is gone', by: 'drop function shop.half(integer)', plan: ['shop.shop: create function half', 'shop.shop: PUBLIC may no longer EXECUTE on function half', 'shop.shop: check the body of function half'] }],
    strangers: [
      { title: 'a function more', by: 'create function shop.extra() returns int language sql security definer as $$ select 1 $$; revoke execute on function shop.extra() from public', plan: ['finding function/undeclared shop.shop: function extra() is not declared; it runs with the rights of postgres'], finding: { undo: 'drop function shop.extra()' } },
    ],
    origin: [{ title: 'a function of somebody else', by: functionRecord.by, plan: ['refused function/not-ours shop.shop: function touch() is there already, and this library did not make it'], refused: {
      undo: functionRecord.undo,
      blocking: refusedAsAWhole('function/not-ours', 'shop', 'Function touch() is there already, and this library did not make it.', 'Drop it, or give it another name: alter routine shop.touch() rename to …; or rename the declared function.'),
    } }],
    owner: [{ title: 'the owner of a function', by: 'alter function shop__globex.half(integer) owner to stranger', plan: ['refused function/other-owner shop.shop__globex: function half(n integer) belongs to stranger'], refused: {
      undo: 'alter function shop__globex.half(integer) owner to shop_owner',
      blocking: refusedAsAWhole('function/other-owner', 'shop', 'Function half(n integer) belongs to stranger.', 'As stranger or a superuser: alter function shop__globex.half(integer) owner to "shop_owner"'),
    } }],
    arguments: [{ title: 'the arguments of a function', by: "drop function shop__globex.half(integer); set role shop_owner; create function shop__globex.half(other integer) returns integer language sql immutable set search_path = shop__globex, shop, pg_temp as 'select other / 2'", plan: [
      'shop.shop__globex: replace function half', 'shop.shop__globex: check the body of function half',
    ] }],
    result: [{ ...HERE, title: 'the result of a function', by: "drop function shop.half(integer); set role shop_owner; create function shop.half(n integer) returns bigint language sql immutable set search_path = shop, pg_temp as 'select 1::bigint'", plan: [
      'shop__initech.shop: replace function half', 'shop__initech.shop: check the body of function half',
    ] }],
    body: [{ title: 'the body of a function', by: "create or replace function shop.touch() returns trigger language plpgsql set search_path = shop, pg_temp as 'begin return new; end'", plan: ['shop.shop: replace function touch'] }],
    language: [{ title: 'the language of a function', by: "create or replace function shop.half(n integer) returns integer language plpgsql immutable set search_path = shop, pg_temp as 'begin return n / 2; end'", plan: ['shop.shop: replace function half', 'shop.shop: check the body of function half'] }],
    definer: [{ title: 'a function that runs with the rights of the owner', by: 'alter function shop__globex.log() security definer', plan: ['shop.shop__globex: replace function log'] }],
    leakproof: [{ title: 'a function that is LEAKPROOF', by: 'alter function shop__globex.touch() leakproof', plan: ['shop.shop__globex: replace function touch'] }],
    volatility: [{ title: 'the volatility of a function', by: 'alter function shop__globex.count_notes() volatile', plan: ['shop.shop__globex: replace function count_notes', 'shop.shop__globex: check the body of function count_notes'] }],
    settings: [
      { title: 'a function without its search path', by: 'alter function shop.log() reset search_path', plan: ['shop.shop: replace function log'] },
      { ...HERE, title: 'a function with another search path', by: 'alter function shop.log() set search_path = public', plan: ['shop__initech.shop: replace function log'] },
    ],
    'other attributes': [{ ...HERE, title: 'the cost of a function', by: 'alter function shop.touch() cost 7', plan: ['shop__initech.shop: replace function touch'] }],
    privileges: [
      { title: 'a function for PUBLIC', by: 'grant execute on function shop.length_of(uuid, integer) to public', plan: ['shop.shop: PUBLIC may no longer EXECUTE on function length_of'] },
      { title: 'a function for a role that may not call it any more', by: 'revoke execute on function shop.is_on(text) from shop_app', plan: ['shop.shop: shop_app may EXECUTE on function is_on'] },
    ],
  },
  view: {
    presence: [{ ...HERE, title: 'a view that is gone', by: 'drop view shop.where_from', plan: ['shop__initech.shop: create view where_from', 'shop__initech.shop: shop_app__initech may SELECT on view where_from'] }],
    origin: [{ title: 'a view of somebody else', by: viewRecord.by, plan: ['refused view/not-ours shop.shop__globex: long_notes is declared as a view, but a view that this library did not make has the name'], refused: {
      undo: viewRecord.undo, blocking: refusedAsAWhole('view/not-ours', 'shop', 'Long_notes is declared as a view, but a view that this library did not make has the name.', 'Rename or drop it, or rename the declared view.'),
    } }],
    owner: [{ title: 'the owner of a view', by: 'alter view shop.long_notes owner to stranger', plan: ['refused view/other-owner shop.shop: view long_notes belongs to stranger'], refused: {
      undo: 'alter view shop.long_notes owner to shop_owner', blocking: refusedAsAWhole('view/other-owner', 'shop', 'View long_notes belongs to stranger.', 'As stranger or a superuser: alter view "shop"."long_notes" owner to "shop_owner"'),
    } }],
    query: [{ title: 'the query of a view', by: 'create or replace view shop.open_notes with (security_invoker, security_barrier) as select id, body, 0 as length from shop.notes', apart: 'open_notes', plan: ['shop.shop: replace view open_notes'] }],
    'check option': [{ title: 'a view with a check option', by: 'alter view shop.where_from set (check_option = local)', plan: ['shop.shop: replace view where_from'] }],
    security_invoker: [{ title: 'a view that reads with the rights of its owner', by: 'alter view shop__globex.long_notes set (security_invoker = false)', plan: ['shop.shop__globex: alter view long_notes'] }],
    security_barrier: [{ title: 'a view that is no security barrier', by: 'alter view shop__globex.open_notes reset (security_barrier)', plan: ['shop.shop__globex: alter view open_notes'] }],
    privileges: [{ title: 'who may change a view', by: 'grant insert on shop.long_notes to stranger', apart: 'open_notes', plan: ['shop.shop: stranger may no longer INSERT on view long_notes'] }],
    'column privileges': [{ title: 'who may read a column of a view', by: 'grant select (id) on shop.long_notes to shop_auditor', apart: 'open_notes', plan: ['shop.shop: shop_auditor may no longer SELECT on long_notes.id'] }],
  },
  'function body': {
    body: [{ ...HERE, title: 'a body in SQL, which is checked when everything is there', by: "create or replace function shop.count_notes() returns bigint language sql stable as 'select 1::bigint'", plan: ['shop__initech.shop: check the body of function count_notes', 'shop__initech.shop: replace function count_notes'] }],
  },
  trigger: {
    presence: [{ title: 'a trigger that is gone', by: 'drop trigger log on shop__globex.notes', plan: ['shop.shop__globex: create trigger log on notes'] }],
    strangers: [
      { title: 'a trigger', by: 'create function public.f() returns trigger language plpgsql as $$ begin return new; end $$; create trigger extra before insert on shop.orders for each row execute function public.f()', plan: ['finding trigger/undeclared shop.shop: trigger extra on orders is not declared'], finding: { undo: 'drop trigger extra on shop.orders; drop function public.f()' } },
    ],
    origin: [{ title: 'a trigger of somebody else', by: triggerRecord.by, plan: ['refused trigger/not-ours shop.shop: trigger log on notes is there already, and this library did not make it'], refused: {
      undo: triggerRecord.undo,
      blocking: refusedAsAWhole('trigger/not-ours', 'shop', 'Trigger log on notes is there already, and this library did not make it.', 'Drop it, or give it another name: alter trigger "log" on "shop"."notes" rename to …; or rename the declared trigger.'),
    } }],
    definition: [{ ...HERE, title: 'the events of a trigger', by: 'drop trigger log on shop.notes; create trigger log after insert on shop.notes for each row execute function shop.log()', plan: ['shop__initech.shop: replace trigger log on notes'] }],
    enabled: [
      { title: 'a trigger that is disabled', by: 'alter table shop.notes disable trigger touch', plan: ['shop.shop: enable trigger touch on notes'] },
      { title: 'a trigger that fires in replication too', by: 'alter table shop__globex.notes enable always trigger touch', plan: ['shop.shop__globex: enable trigger touch on notes'] },
    ],
    rules: [
      { title: 'a rule', by: 'create rule extra as on insert to shop.orders do also notify x', plan: ['finding rule/undeclared shop.shop: rule extra on orders is not declared'], finding: { undo: 'drop rule extra on shop.orders' } },
    ],
    'foreign keys': [
      { title: 'foreign keys that are switched off', by: 'alter table shop.orders disable trigger all', plan: ['refused trigger/disabled shop.shop: foreign keys of orders are switched off, so that rows without their counterpart come in; only a superuser can switch them on'], refused: { undo: 'alter table shop.orders enable trigger all' } },
    ],
  },
  exclusive: {
    strangers: [{ title: 'a sequence more, where they are exclusive', by: 'create sequence shop.extra_numbers; alter sequence shop.extra_numbers owner to shop_owner', plan: ['shop.shop: drop sequence extra_numbers'] }],
    owner: [{ title: "a sequence of somebody else's, where they are exclusive", by: 'create sequence shop.their_numbers', plan: ['refused sequence/other-owner shop.shop: sequence their_numbers is not declared, and sequences are declared exclusive, but it belongs to postgres'], refused: { undo: 'drop sequence shop.their_numbers' } }],
    dependants: [{ title: 'a sequence more that is in use, where they are exclusive', by: "create sequence shop.used_numbers; alter sequence shop.used_numbers owner to shop_owner; create table public.uses_numbers (n bigint default nextval('shop.used_numbers'))", plan: [
      'refused sequence/exclusive-in-use shop.shop: sequence used_numbers is not declared, and sequences are declared exclusive, but default value for column n of table public.uses_numbers would be lost with it',
    ], refused: { undo: 'drop table public.uses_numbers; drop sequence shop.used_numbers' } }],
  },
  'retired definition': {
    records: [{ title: 'a view that the library made, and that is neither declared nor there', by: recorded('view', 'old_view'), plan: ['shop.shop: forget view old_view'] }],
    owner: [{ title: 'a function that the library made, that is not declared and belongs to somebody else', by: `create function shop.old_function() returns integer language sql as 'select 1'; ${recorded('function', 'old_function')}`, plan: ['refused function/not-dropped shop.shop: function old_function is not declared any more, but it belongs to postgres'], refused: {
      undo: "drop function shop.old_function(); delete from tenantry.definitions where name = 'old_function'",
    } }],
    dependants: [{ title: 'a function that is not declared, and that a view uses', by: `create function shop.used_function() returns integer language sql as 'select 1'; alter function shop.used_function() owner to shop_owner; revoke execute on function shop.used_function() from public; create view public.uses as select shop.used_function() as x; ${recorded('function', 'used_function')}`, plan: [
      'refused function/not-dropped shop.shop: function used_function is not declared any more, but view public.uses would be lost with it',
    ], refused: { undo: "drop view public.uses; drop function shop.used_function(); delete from tenantry.definitions where name = 'used_function'" } }],
    privileges: [{ title: 'who may read a view that is not declared, and that another one uses', by: `create view shop.used_view with (security_invoker = true) as select code from shop.countries; alter view shop.used_view owner to shop_owner; grant select on shop.used_view to shop_app; create view public.uses_view with (security_invoker = true) as select * from shop.used_view; ${recorded('view', 'used_view')}`, plan: [
      'finding table/undeclared shop.shop: view used_view is not declared', 'shop.shop: shop_app may no longer SELECT on view used_view', 'refused view/not-dropped shop.shop: view used_view is not declared any more, but view public.uses_view would be lost with it',
    ], refused: { undo: "drop view public.uses_view; drop view shop.used_view; delete from tenantry.definitions where name = 'used_view'" } }],
    'sequence privileges': [{ title: 'who may use a sequence that is not declared', by: `create sequence shop.old_numbers; alter sequence shop.old_numbers owner to shop_owner; grant usage on sequence shop.old_numbers to stranger; grant select on sequence shop.old_numbers to shop_dump; ${recorded('sequence', 'old_numbers')}`, plan: ['shop.shop: stranger may no longer USAGE on sequence old_numbers'], finding: { undo: "drop sequence shop.old_numbers; delete from tenantry.definitions where name = 'old_numbers'" } }],
  },
};

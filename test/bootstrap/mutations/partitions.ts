import type { Mutations } from '../support/mutations';

const month = (ahead: number): string => {
  const now = new Date();
  const first = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead, 1));
  return `events_p${first.toISOString().slice(0, 7).replace('-', '_')}`;
};
const [current, next] = [month(0), month(1)];
export const partitionsOfEvents = ['events_default', current, next];

/** In one place or another, so that few of them touch the same partition. */
export const partitions: Mutations = {
  partition: {
    presence: [
      { title: 'the partition of a time to come', in: 'shop__initech', by: `drop table shop.${next}`, plan: [`shop__initech.shop: create partition ${next} of events`], pending: true },
      { title: 'a partition that was taken out', by: `alter table shop.events detach partition shop.${next}`, plan: [
        `refused partition/detached shop.shop: ${next} is there and is no partition of events for its time: rows in it are not read through events`, `finding table/undeclared shop.shop: table ${next} is not declared`,
      ], refused: { undo: `do $$ begin execute format('alter table shop.events attach partition shop.${next} for values from (%L) to (%L)', date_trunc('month', now() at time zone 'UTC') + interval '1 month', date_trunc('month', now() at time zone 'UTC') + interval '2 months'); end $$` }, pending: true },
    ],
    default: [{ title: 'the default partition', by: 'drop table shop__globex.events_default', plan: ['shop.shop__globex: create partition events_default of events'] }],
    schema: [{ title: 'a partition in another schema', in: 'shop__initech', by: `create schema others; alter table shop.${current} set schema others`, plan: [`refused partition/schema shop__initech.shop: partition others.${current} of events lies in a schema that is not managed: it is not guarded as events is`], refused: { undo: `alter table others.${current} set schema shop; drop schema others` }, apart: `shop__initech.shop ${current}` }],
    owner: [{ title: 'the owner of a partition', by: `alter table shop__globex.${next} owner to stranger`, plan: [`refused partition/owner shop.shop__globex: partition ${next} of events belongs to stranger: it cannot be guarded as events is, nor changed with it`], refused: { undo: `alter table shop__globex.${next} owner to shop_owner; revoke all on shop__globex.${next} from stranger` } }],
    enabled: [{ title: 'row-level security of a partition', by: `alter table shop.${current} disable row level security`, plan: [`shop.shop: enable row level security on ${current}`] }],
    forced: [{ title: 'a partition whose owner sees all rows', by: 'alter table shop.events_default no force row level security', plan: ['shop.shop: force row level security on events_default'] }],
    policies: [
      { title: 'the floor of a partition', by: `drop policy tenantry_floor on shop__globex.${current}`, plan: [`shop.shop__globex: create policy tenantry_floor on ${current}`] },
      { title: 'a policy of a partition that says something else', in: 'shop__initech', by: 'alter policy tenantry_floor on shop.events_default using (true)', plan: ['shop__initech.shop: alter policy tenantry_floor on events_default'] },
      { title: 'a policy more on a partition', by: `create policy everybody on shop.${next} using (true)`, plan: [`shop.shop: drop policy everybody on ${next}`] },
    ],
    privileges: [
      { title: 'a privilege on a partition', by: `grant select, delete on shop.${current} to shop_editor`, plan: [`shop.shop: shop_editor may no longer SELECT, DELETE on ${current}`] },
      { title: 'what a backup reads', by: 'revoke select on shop.events_default from shop_dump', plan: ['shop.shop: shop_dump may SELECT on events_default'] },
    ],
    'column privileges': [{ title: 'a privilege on a column of a partition', in: 'shop__initech', by: 'grant update (what) on shop.events_default to stranger', plan: ['shop__initech.shop: stranger may no longer UPDATE on events_default.what'] }],
    triggers: [
      { title: 'a trigger that is disabled on a partition', by: `alter table shop__globex.${current} disable trigger log`, plan: [`shop.shop__globex: enable trigger log on ${current}`] },
      { title: 'a trigger of a partition alone', by: 'create trigger extra before insert on shop.events_default for each row execute function shop.touch()', plan: ['finding trigger/undeclared shop.shop: trigger extra on events_default is not declared'], finding: { undo: 'drop trigger extra on shop.events_default' } },
    ],
    'foreign keys': [{ title: 'a partition whose foreign keys are switched off', in: 'shop__initech', by: `do $$ declare t text; begin for t in select tgname from pg_trigger where tgrelid = 'shop.${current}'::regclass and tgisinternal loop execute format('alter table shop.${current} disable trigger %I', t); end loop; end $$`, plan: [
      `refused trigger/disabled shop__initech.shop: foreign keys of ${current} are switched off, so that rows without their counterpart come in; only a superuser can switch them on`,
    ], refused: { undo: `alter table shop.${current} enable trigger all` } }],
    rules: [{ title: 'a rule of a partition', by: `create rule extra as on delete to shop__globex.${next} do instead nothing`, plan: [`finding rule/undeclared shop.shop__globex: rule extra on ${next} is not declared`], finding: { undo: `drop rule extra on shop__globex.${next}` } }],
    persistence: [{ title: 'a partition that is UNLOGGED', in: 'shop__initech', by: `alter table shop.${next} set unlogged`, plan: [`refused table/unlogged shop__initech.shop: table ${next} is UNLOGGED: it is empty after a crash and on every replica, and in no backup; making it ordinary writes the whole table anew`], refused: { undo: `alter table shop.${next} set logged` } }],
    'replica identity': [{ title: 'the replica identity of a partition', in: 'shop__initech', by: `alter table shop.${current} replica identity full`, plan: [`finding table/replica-identity shop__initech.shop: the replica identity of ${current} is not its primary key`], finding: { undo: `alter table shop.${current} replica identity default` } }],
  },
  'default partition': {
    rows: [{
      title: 'rows of a time that has no partition', in: 'shop__initech', by: "set session_replication_role = replica; insert into shop.events (tenant_id, at, what) values (gen_random_uuid(), '2001-01-01', 'x')",
      plan: ['finding partition/default-rows shop__initech.shop: the default partition of events holds rows: of times before its first partition, or behind its last one, because no apply ran in time; give partitionBy an earlier from or more ahead, and move them into partitions of their own'],
      finding: { undo: 'set session_replication_role = replica; delete from shop.events' }, apart: 'shop__initech.shop events_default',
    }],
  },
};

import { beforeAll, expect, it } from 'vitest';
import { KINDS } from '../../../lib/bootstrap/kinds/registry';
import { formatComplaint, TenantryError } from '../../../lib/core';
import { describeServers, type Major, startTestServer, type TestServer } from '../../support/postgres';
import { applyTo, lineOf, linesOf, planOf } from './platform';
import { readPlacesOf } from './read-places';
import { rich, richStore } from './rich';

/** A change that somebody made by hand, what the plan says of it, and what an apply does. */
export interface Mutation {
  readonly title: string;
  /** The database in which it is made. @default 'shop' */
  readonly in?: string;
  /** What the superuser runs. */
  readonly by: string;
  /** Exactly what the plan lists. */
  readonly plan: readonly string[] | ((major: Major) => readonly string[]);
  /**
   * What cannot be mended without losing data or without more rights: it is refused, and this is how a superuser takes the change back.
   * With `blocking` the apply as a whole is refused, with this message.
   */
  readonly refused?: { readonly undo: string; readonly blocking?: string };
  /** A row on which nothing is done, because nobody's access or data hangs on it: a finding stays a finding. */
  readonly finding?: { readonly undo: string };
  /** Versions that know the feature. @default - all */
  readonly since?: Major;
  /** Versions that behave in this way. @default - all */
  readonly until?: Major;
  /** Whether another apply comes behind its undoing, which leads elsewhere too. @default false */
  readonly repeated?: true;
  /** Whether the plan cannot tell that it was made by hand. @default false */
  readonly pending?: true;
  /** Whether its findings go with the apply. @default false */
  readonly passing?: true;
  /** A word that no other mutation of its round says, because it would hide behind this one. @default - none */
  readonly away?: string;
  /** Mutations with the same word touch the same object, which their plans do not show. @default - none */
  readonly apart?: string;
}

/** What the apply as a whole is refused with. */
export const refusedAsAWhole = (code: string, at: string, problem: string, fix: string): string => formatComplaint({ code, at, problem: `${problem} Nothing was changed.`, fix });

/** By kind of the registry, and by the property that its `compare` looks at. */
export interface Mutations {
  readonly [kind: string]: { readonly [property: string]: readonly Mutation[] };
}

export interface Case extends Omit<Mutation, 'plan'> {
  readonly kind: string;
  readonly property: string;
  readonly plan: readonly string[];
}

export const casesOf = (mutations: Mutations, major: Major): Case[] => Object.entries(mutations).flatMap(([kind, properties]) => Object.entries(properties)
  .flatMap(([property, list]) => list.filter(({ since = 15, until = 18 }) => major >= since && major <= until)
    .map((mutation) => ({ ...mutation, kind, property, plan: typeof mutation.plan === 'function' ? mutation.plan(major) : mutation.plan }))));

const isRefusedAsAWhole = ({ refused }: Case): boolean => refused?.blocking !== undefined;

/** What a mutation touches, as its plan names it. Privileges are told apart by who has them, everything else by its name. */
function touches({ plan, apart }: Case): string[] {
  return [...(apart === undefined ? [] : [apart]), ...plan.flatMap((line) => {
    const [, where = '', what = ''] = /^(?:(?:refused|finding) \S+ )?(.*?): (.*)$/.exec(line) ?? [];
    const [, who] = /^(.*) may (?:no longer )?(?:pass on )?[A-Z, ]+ on /.exec(what) ?? [];
    if (where === 'server') {
      const [, member, of] = /(\S+) (?:is )?(?:no longer )?a member of ([^\s,]+)/.exec(what) ?? [];
      return [line, ...(member === undefined ? [] : [`${member} in ${of ?? ''}`]), ...what.match(/^alter role \S+/) ?? []];
    }
    const named = [...what.matchAll(/\b(?:function|view|sequence|domain|extension|trigger|tier|tenant) \S+/g)].map(([name]) => name);
    const words = who === undefined ? [...what.matchAll(/[\w.]*[_.]\w+/g)].map(([word]) => word) : [what.slice(what.lastIndexOf(' on ')) + who];
    return [line, ...[...named, ...words].map((object) => `${where} ${object}`)];
  })];
}

const says = ({ in: database = 'shop', by, plan }: Case, word: string): boolean => [database, by, ...plan].some((text) => text.includes(word));
const hides = (mutation: Case, other: Case): boolean => mutation.away !== undefined && says(other, mutation.away);

/** A failure shall still be readable. */
const LARGEST = 30;

/** Mutations of different objects are made together: the plan must list them all, and nothing else. */
export function roundsOf(cases: readonly Case[]): Case[][] {
  const rounds: { readonly cases: Case[]; readonly touched: Set<string>; readonly asAWhole: boolean }[] = [];
  for (const mutation of cases) {
    const mine = touches(mutation);
    const asAWhole = isRefusedAsAWhole(mutation);
    let round = rounds.find(({ cases: others, touched, asAWhole: same }) => same === asAWhole && others.length < LARGEST
      && !mine.some((object) => touched.has(object)) && !others.some((other) => hides(mutation, other) || hides(other, mutation)));
    if (round === undefined) rounds.push(round = { cases: [], touched: new Set(), asAWhole });
    round.cases.push(mutation);
    for (const object of mine) round.touched.add(object);
  }
  return rounds.map((round) => round.cases);
}

/** Lines of plans by the kind of the registry that said them. */
const saidBy = new Map<string, Set<string>>();
let listening = false;
function listen(): void {
  if (listening) return;
  listening = true;
  for (const kind of KINDS) {
    const { compare } = kind;
    Object.assign(kind, { compare: (...args: Parameters<typeof compare>) => {
      const differences = compare(...args);
      for (const difference of differences) {
        const line = lineOf(difference);
        saidBy.set(line, (saidBy.get(line) ?? new Set()).add(kind.name));
      }
      return differences;
    } });
  }
}

/** Each on a database to which the declaration was applied: the plan names exactly what was changed, and the apply mends it or says why not. */
export function mutationTests(subject: string, mutations: Mutations): void {
  describeServers(subject, (major) => {
    let server: TestServer;
    const run = (sql: string, database = 'shop') => server.runAsSuperuser(sql, database);
    const apply = () => applyTo(server, rich, { passwords: richStore });
    const differ = async () => (await planOf(server, rich, { passwords: richStore })).differences;
    const undoOf = ({ refused, finding }: Case): string | undefined => refused?.undo ?? finding?.undo;

    /** The plan, each line with the change that explains it. */
    async function expectPlan(round: readonly Case[], before: boolean, stays: (mutation: Case, line: string) => boolean, what: string): Promise<void> {
      const because = new Map(round.flatMap(({ kind, property, title, plan }) => plan.map((line) => [line, `${kind}, ${property}: ${title}`] as const)));
      const differences = await differ();
      const lines = linesOf(differences);
      const named = (line: string): string => `${line}  <- ${because.get(line) ?? 'nothing that was done by hand'}`;
      expect(lines.map(named).sort(), what).toEqual(round.flatMap((mutation) => mutation.plan.filter((line) => stays(mutation, line))).map(named).sort());
      const pending = new Set(round.filter((mutation) => mutation.pending).flatMap(({ plan }) => plan));
      const notDrift = differences.filter((difference) => difference.type !== 'finding' && difference.origin !== 'drift' && !pending.has(lineOf(difference))).map((difference) => named(lineOf(difference)));
      if (before) expect(notDrift, 'it is told as drift').toEqual([]);
    }

    async function converge(round: readonly Case[]): Promise<void> {
      for (const { title, by, in: database } of round) await run(by, database).catch((cause: Error) => { throw new Error(`${title}: ${cause.message}`, { cause }); });
      saidBy.clear();
      await expectPlan(round, true, () => true, 'the plan lists what was done by hand, and nothing else');
      for (const { kind, property, title, plan } of round) {
        if (plan.length > 0) expect(plan.flatMap((line) => [...saidBy.get(line) ?? []]), `${property}: ${title}: the kind that says so`).toContain(kind);
      }
      const asAWhole = round.some(isRefusedAsAWhole);
      if (asAWhole) {
        const complaints = await apply().then((): string[] => [], (error: unknown) => (TenantryError.is(error) ? error.complaints.map(formatComplaint) : [String(error)]));
        expect(complaints.sort(), 'all that is refused').toEqual(round.map(({ refused }) => refused?.blocking ?? '').sort());
      } else {
        await apply();
      }
      await expectPlan(round, false, ({ passing }, line) => asAWhole || (passing !== true && /^(refused|finding) /.test(line)), 'what can be mended is mended, and nothing that is refused was done');
      for (const mutation of [...round].reverse()) {
        const undo = undoOf(mutation);
        if (undo !== undefined) await run(undo, mutation.in).catch((cause: Error) => { throw new Error(`${mutation.title}, taken back: ${cause.message}`, { cause }); });
      }
      if (round.some(({ repeated }) => repeated)) await apply();
    }

    beforeAll(async () => {
      listen();
      server = await startTestServer({ major, settings: { wal_level: 'logical' } });
      await run('create role stranger; create role "odd ""name" login; create role anna login noinherit', 'postgres');
      await apply();
      await run('grant set on parameter temp_file_limit to shop_owner');
      expect(linesOf(await differ())).toEqual([]);
      expect(await readPlacesOf(differ), 'schemas of tenants are known').toEqual({ whole: [], partly: [] });
    });

    const cases = casesOf(mutations, major);
    roundsOf(cases).forEach((round, n) => {
      it(`round ${n + 1}: ${round.length} changes to ${[...new Set(round.map(({ kind }) => kind))].join(', ')}`, async () => {
        await converge(round).catch(async (error: unknown) => {
          // What is left of a round that failed shall not fail the others.
          for (const mutation of round) await run(undoOf(mutation) ?? '', mutation.in).catch(() => undefined);
          await apply().catch(() => undefined);
          throw error;
        });
      });
    });

    it(`nothing is left to do after ${cases.length} changes by hand`, async () => expect(linesOf(await differ())).toEqual([]));
  });
}

import type { Isolation } from '../../declaration/types';
import { ATTACKS } from '../../bootstrap/verify';
import { plain } from './sarif-text';

interface Rule {
  readonly id: string;
  readonly title: string;
  readonly why: string;
  /** What may be accepted, with the remedy. */
  readonly risks: readonly string[];
  readonly level: 'error' | 'note';
}

const MODES: readonly Isolation[] = ['row', 'schema', 'database'];

/** What a verification asks before it attacks, and is no attack itself. */
const PRECONDITIONS: readonly Rule[] = [
  { id: 'as-declared', title: 'Find the database as it is declared', why: 'What is still to be applied, or was changed by hand, is not proved by attacks on what is there', risks: [], level: 'error' },
  { id: 'probe-row', title: 'Make a row of a tenant that is made up', why: 'Where there is no row to attack, nothing shows that an attack could have succeeded', risks: [], level: 'error' },
];

const rules: readonly Rule[] = [...ATTACKS.map(({ id, title, why, expected }): Rule => {
  const answers = MODES.map((mode) => expected(mode, 'plain'));
  const risks = answers.flatMap((answer) => (answer.verdict === 'accepted' ? [`${answer.reason} ${answer.remedy}`] : []));
  return { id, title, why, risks: [...new Set(risks)], level: answers.every(({ verdict }) => verdict === 'accepted') ? 'note' : 'error' };
}), ...PRECONDITIONS];

const HELP = 'Each result names the role, the objects and what mends it. What differs from the declaration, tenantry bootstrap plan lists and tenantry bootstrap apply mends; then verify again.';

/** One rule for each attack, as SARIF's `reportingDescriptor`. They change with the version of tenantry only. Without a `security-severity`, which would show what is accepted as a vulnerability. */
export const RULES = rules.map(({ id, title, why, risks, level }) => ({
  id,
  shortDescription: { text: plain(title) }, fullDescription: { text: plain(`${title}. ${why}.`) },
  help: { text: plain([`${why}.`, ...risks.map((risk) => `Accepted, where it is so by nature: ${risk}`), HELP].join('\n\n')) },
  defaultConfiguration: { level },
  properties: { tags: ['security', 'tenant-isolation'] },
}));

export const ruleIndexes: ReadonlyMap<string, number> = new Map(RULES.map(({ id }, i) => [id, i]));
const titles: ReadonlyMap<string, string> = new Map(rules.map(({ id, title }) => [id, title]));

export const titleOf = (attack: string): string => titles.get(attack) ?? attack;

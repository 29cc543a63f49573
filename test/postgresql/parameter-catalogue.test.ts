import { beforeAll, expect, it } from 'vitest';
import { Engine } from '../../lib/engine';
import type { ParameterDefinition } from '../../lib/engine/parameters/definition';
import { describeServers, startTestServer } from '../support/postgres';

interface Setting {
  readonly name: string;
  readonly vartype: string;
  readonly unit: string | null;
  readonly min_val: string | null;
  readonly max_val: string | null;
  readonly enumvals: string[] | null;
  readonly context: string;
}

/** What no server of PostgreSQL has: AWS's own, and extensions that are not built with it. */
const ELSEWHERE = /^(rds|apg_plan_mgmt|pgaudit|cron)\.|^apg_/;
/** What a build may lack: compression that it was made without. */
const OPTIONAL = ['lz4', 'zstd'];
const TYPES: Readonly<Record<string, readonly string[]>> = { bool: ['boolean'], integer: ['integer'], real: ['real'], enum: ['enum'], string: ['text', 'list'] };

/** How a definition differs from the server: it has no fault where this is empty. */
function faults(definition: ParameterDefinition, setting: Setting | undefined): string[] {
  if (setting === undefined) return ['the server has none'];
  const { type, unit, range, values = [], statedByAws, modifiable } = definition;
  const found: string[] = [];
  if (definition.static !== (setting.context === 'postmaster')) found.push(`static is ${definition.static}, and its context is ${setting.context}`);
  if (unit !== undefined && unit !== setting.unit) found.push(`unit is ${unit}, not ${setting.unit}`);
  if (unit === undefined && setting.unit !== null) found.push(`unit ${setting.unit} is missing`);
  if (!modifiable) return found;
  const types = TYPES[setting.vartype] ?? [];
  // AWS takes whole numbers where the server takes fractions, and a few words where it takes any text.
  if (!types.includes(type) && !(statedByAws && ((type === 'integer' && setting.vartype === 'real') || (type === 'enum' && setting.vartype === 'string')))) found.push(`type is ${type}, not ${setting.vartype}`);
  if (range !== undefined) {
    const [from, to] = [Number(setting.min_val), Math.min(Number(setting.max_val), Number.MAX_VALUE)];
    const same = range[0] === from && (range[1] === to || (range[1] === Number.MAX_VALUE && to > 1e308));
    const within = range[0] >= from && range[1] <= to && !same;
    if (statedByAws ? !within && !(same && setting.vartype !== type) : !same) found.push(`range is ${range.join(' to ')}, and the server's ${setting.min_val} to ${setting.max_val}`);
  }
  if (setting.enumvals !== null) {
    const known = setting.enumvals.map((value) => value.toLowerCase());
    const strange = values.filter((value) => !known.includes(value.toLowerCase()) && !OPTIONAL.includes(value));
    const missing = statedByAws ? [] : setting.enumvals.filter((value) => !values.includes(value));
    if (strange.length > 0) found.push(`the server does not know ${strange.join(', ')}`);
    if (missing.length > 0) found.push(`${missing.join(', ')} is missing`);
  }
  return found;
}

describeServers('[DBAAS-1.5] the catalogue of parameters is that of the server', (major) => {
  let settings: Map<string, Setting>;

  beforeAll(async () => {
    const server = await startTestServer({ major, settings: { shared_preload_libraries: 'pg_stat_statements,auto_explain' } });
    const rows = await server.runAsSuperuser<Setting>('SELECT name, vartype, unit, min_val, max_val, enumvals, context FROM pg_settings');
    settings = new Map(rows.map((row) => [row.name.toLowerCase(), row]));
  });

  it.each(['aurora-postgresql', 'postgres'])('of %s', (name) => {
    const compared = [...Engine.of(name, String(major)).parameterCatalogue.values()].filter((definition) => !ELSEWHERE.test(definition.name));
    expect(compared.length).toBeGreaterThan(145);
    expect(compared.map((definition) => [definition.name, faults(definition, settings.get(definition.name))]).filter(([, found]) => found?.length !== 0)).toEqual([]);
  });

  it('where AWS states nothing else', () => {
    const stated = [...Engine.postgresql(String(major)).parameterCatalogue.values()].filter(({ statedByAws, name }) => statedByAws && !ELSEWHERE.test(name));
    expect(stated.length).toBeLessThan(25);
  });
});

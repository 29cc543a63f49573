import { describe, expect, it } from 'vitest';
import { defineSchema, parseDeclaration, parseTenants } from '../../lib/declaration';
import { tierRow } from '../../lib/bootstrap/model/tier';
import { shopInput } from '../bootstrap/support/shop';
import { refused } from '../support/refused';

const complaintsOf = (run: () => unknown): string[] => refused(run)?.complaints.map(({ code, at, problem, fix }) => `${code} ${at}: ${problem} ${fix ?? ''}`.trim()) ?? [];

describe('tiers of a declaration', () => {
  it('are left out where there are none, so that nothing else changes', () => {
    expect(Object.keys(parseDeclaration(shopInput))).not.toContain('tiers');
    expect(complaintsOf(() => parseTenants({ acme: { isolation: 'row', tier: 'whatever' } }, parseDeclaration(shopInput)))).toEqual([]);
  });

  it('are what the tenants name', () => {
    const declaration = parseDeclaration({ ...shopInput, tiers: { standard: {}, large: {} } });
    expect(complaintsOf(() => parseTenants({ acme: { isolation: 'row' }, globex: { isolation: 'row', tier: 'larg' }, initech: { isolation: 'row', tier: 'constructor' } }, declaration))).toEqual([
      'tenants/unknown-tier tenants.globex.tier: There is no tier "larg"; the tiers are standard and large. Did you mean "large"?',
      'tenants/unknown-tier tenants.initech.tier: There is no tier "constructor"; the tiers are standard and large. Name one of them, or declare it under tiers.',
    ]);
  });

  it('refuse what is no time, no size, no number and no name', () => {
    const wrong = { Gold: {}, standard: { statementTimeout: '30', workMem: '1kB', storageQuota: '5', connectionLimit: 0, poolSizes: 3 } };
    expect(complaintsOf(() => parseDeclaration({ ...shopInput, tiers: wrong }))).toEqual([
      expect.stringMatching(/ tiers\.standard\.connectionLimit: /), expect.stringMatching(/ tiers\.standard\.statementTimeout: .*is not a time/), expect.stringMatching(/ tiers\.standard\.workMem: .*64kB are the least/),
      expect.stringMatching(/ tiers\.standard\.storageQuota: .*is not a size/), expect.stringMatching(/ tiers\.standard\.poolSizes: .*poolSize/),
    ]);
    expect(complaintsOf(() => parseDeclaration({ ...shopInput, tiers: { Gold: {} } }))).toEqual([expect.stringMatching(/^declaration\/tier-name tiers\.Gold: "Gold" cannot be the name of a tier/)]);
  });

  it('are checked by the compiler too', () => {
    // @ts-expect-error -- a time has a unit
    expect(complaintsOf(() => defineSchema({ ...shopInput, tiers: { standard: { statementTimeout: '30' } } }))).toHaveLength(1);
    // @ts-expect-error -- there is no such limit
    expect(complaintsOf(() => defineSchema({ ...shopInput, tiers: { standard: { cpu: 2 } } }))).toHaveLength(1);
    expect(defineSchema({ ...shopInput, tiers: { standard: { statementTimeout: '30s', workMem: '16MB' } } }).tiers).toEqual({ standard: { statementTimeout: '30s', workMem: '16MB' } });
  });

  it('are kept in the units of the parameters, the quota in bytes', () => {
    expect(tierRow({ statementTimeout: '2min', workMem: '16MB', tempFileLimit: '1GB', storageQuota: '2TB', poolSize: 4 })).toEqual({
      connection_limit: null, pool_size: 4, statement_timeout: 120_000, lock_timeout: null, idle_in_transaction_session_timeout: null, transaction_timeout: null, work_mem: 16_384, temp_file_limit: 1_048_576, storage_quota: 2 * 1024 ** 4,
    });
  });
});

import { describe, expect, it } from 'vitest';
import { flawsIn, ISOLATION_FLAWS, minorVersionIn, POSTGRESQL_LIFECYCLES } from '../../lib/core/postgresql-versions';

const isPlannedRelease = (day: string): boolean => {
  const date = new Date(`${day}T00:00:00Z`);
  return [1, 4, 7, 10].includes(date.getUTCMonth()) && date.getUTCDay() === 4 && date.getUTCDate() > 7 && date.getUTCDate() <= 14;
};

describe('what is known of the versions of PostgreSQL', () => {
  it.each(Object.entries(POSTGRESQL_LIFECYCLES))('%s has a latest minor version without a flaw, known until a planned release', (major, { latestMinor, knownUntil, endOfSupport }) => {
    const latest = minorVersionIn(latestMinor);
    expect(latest?.major).toBe(Number(major));
    expect(latest === undefined ? undefined : flawsIn(latest)).toEqual([]);
    expect({ knownUntil: isPlannedRelease(knownUntil), endOfSupport: isPlannedRelease(endOfSupport) }).toEqual({ knownUntil: true, endOfSupport: true });
  });

  it.each([
    [14, 7, ['CVE-2023-2455', 'CVE-2024-10976', 'CVE-2024-10978']], [14, 13, ['CVE-2024-10976', 'CVE-2024-10978']], [14, 14, []],
    [15, 2, ['CVE-2023-2455', 'CVE-2023-39418', 'CVE-2024-10976', 'CVE-2024-10978']], [15, 3, ['CVE-2023-39418', 'CVE-2024-10976', 'CVE-2024-10978']],
    [15, 4, ['CVE-2024-10976', 'CVE-2024-10978']], [15, 8, ['CVE-2024-10976', 'CVE-2024-10978']], [15, 9, []],
    [16, 0, ['CVE-2024-10976', 'CVE-2024-10978']], [16, 4, ['CVE-2024-10976', 'CVE-2024-10978']], [16, 5, []],
    [17, 0, ['CVE-2024-10976', 'CVE-2024-10978']], [17, 1, []], [18, 0, []], [19, 0, []],
  ])('[DBAAS-5.4] %i.%i has the flaws %j', (major, minor, cves) => {
    expect(flawsIn({ major, minor }).map(({ cve }) => cve)).toEqual(cves);
  });

  it('names a source for each flaw', () => {
    for (const { cve, source } of ISOLATION_FLAWS) expect(source, cve).toMatch(/^PostgreSQL \d+\.\d+/);
  });

  it.each([['17.12', { major: 17, minor: 12 }], ['17.11.1', { major: 17, minor: 11 }], ['17', undefined], ['17.', undefined], ['', undefined], ['latest', undefined]])('reads %j', (text, version) => {
    expect(minorVersionIn(text)).toEqual(version);
  });
});

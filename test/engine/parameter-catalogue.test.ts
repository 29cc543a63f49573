import { describe, expect, it } from 'vitest';
import { Engine } from '../../lib/engine';
import { catalogueOf } from '../../lib/engine/parameters/definition';
import { MYSQL_PARAMETERS } from '../../lib/engine/parameters/mysql';
import { POSTGRESQL_PARAMETERS } from '../../lib/engine/parameters/postgresql';

describe('every catalogue', () => {
  const engines = [Engine.auroraPostgresql('15'), Engine.auroraPostgresql('18'), Engine.postgresql('14'), Engine.postgresql('18'), Engine.auroraMysql('8.0'), Engine.mysql('8.4')];

  it('has a parameter once, with its values and where they come from', () => {
    for (const { parameterCatalogue, label, name, major } of engines) {
      const all = [...parameterCatalogue.values()];
      for (const { type, range, values, source, booleans, ...definition } of all) {
        const title = `${label} ${major}: ${definition.name}`;
        if (type === 'integer' || type === 'real') expect((range?.[0] ?? 0) < (range?.[1] ?? 0), title).toBe(true);
        if (type === 'enum' || type === 'list') expect(new Set(values).size, title).toBe(values?.length);
        if (booleans !== undefined) expect(type, title).toBe('boolean');
        expect(source, title).toMatch(/^(AWS|PostgreSQL|MySQL 8\.4)/);
      }
      expect(all.length, name).toBeGreaterThanOrEqual(name.includes('mysql') ? 95 : 180);
    }
  });

  it('takes every row for one storage and version at most once', () => {
    for (const definition of new Set(engines.map(({ name }) => name))) {
      for (const major of definition.includes('mysql') ? ['8.0', '8.4'] : ['15', '16', '17', '18']) {
        const engine = Engine.of(definition, major);
        const rows = engine.language === 'mysql' ? MYSQL_PARAMETERS : POSTGRESQL_PARAMETERS;
        const names = catalogueOf(rows, engine.storage, Number(major)).map(({ name }) => name);
        expect(names.filter((name, i) => names.indexOf(name) !== i), `${engine.label} ${major}`).toEqual([]);
      }
    }
  });

  it('parts what belongs to the whole cluster of Aurora, and nothing of RDS', () => {
    const scopes = (names: readonly string[]): unknown[] => names.map((name) => [Engine.auroraPostgresql('17').parameterCatalogue.get(name)?.scope, Engine.postgresql('17').parameterCatalogue.get(name)?.scope]);
    expect(scopes(['rds.force_ssl', 'autovacuum_naptime', 'work_mem'])).toEqual([['cluster', undefined], ['cluster', undefined], [undefined, undefined]]);
  });
});

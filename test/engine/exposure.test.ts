import { Lazy } from 'cdktf';
import { describe, expect, it } from 'vitest';
import { Engine, type ParameterValues } from '../../lib/engine';
import { exposureWarnings } from '../../lib/engine/parameters/exposure';

const PG = { language: 'postgresql' } as const;
const MYSQL = { language: 'mysql' } as const;
const END = 'whoever reads the log reads them, as long as it is kept. Leave it out, or keep it for as long as a fault is looked for.';
const OF_PG = `${END} Source: PostgreSQL, Error Reporting and Logging.`;

describe('settings that write passwords or tenants\' data into the log', () => {
  it.each<[ParameterValues, readonly string[]]>([
    [{ log_statement: 'all' }, [`parameters.log_statement is "all", which writes the passwords of ALTER ROLE … PASSWORD and the values in statements, which are tenants' data, into the log: ${OF_PG}`]],
    [{ log_statement: 'DDL' }, [`parameters.log_statement is "DDL", which writes the passwords of ALTER ROLE … PASSWORD into the log: ${OF_PG}`]],
    [{ log_parameter_max_length: -1, log_parameter_max_length_on_error: '64' }, [
      `parameters.log_parameter_max_length is -1, which writes the values that statements are sent with, which are tenants' data, into the log: ${OF_PG}`,
      `parameters.log_parameter_max_length_on_error is "64", which writes the values that failed statements are sent with, which are tenants' data, into the log: ${OF_PG}`,
    ]],
    [{ 'log_min_duration_statement': 0, 'pgaudit.log_parameter': { value: 'on', applyMethod: 'immediate' } }, [
      `parameters.log_min_duration_statement is 0, which writes every statement with the values in it, which are passwords and tenants' data, into the log: ${OF_PG}`,
      `parameters.pgaudit.log_parameter is "on", which writes the values that statements are sent with, which are tenants' data, into the log: ${OF_PG}`,
    ]],
  ])('%o is warned of', (parameters, warnings) => expect(exposureWarnings(PG, parameters)).toEqual(warnings));

  it('is warned of in MySQL', () => {
    expect(exposureWarnings(MYSQL, { general_log: true, log_statement: 'all' })).toEqual([`parameters.general_log is true, which writes every statement with the values in it, which are tenants' data, into the log: ${END} Source: MySQL, The General Query Log.`]);
  });

  it('nothing else is, nor what only Terraform knows, nor the template', () => {
    const quiet = { 'log_statement': 'none', 'log_parameter_max_length': 0, 'log_parameter_max_length_on_error': '0', 'log_min_duration_statement': -1, 'pgaudit.log_parameter': false };
    expect(exposureWarnings(PG, quiet)).toEqual([]);
    expect(exposureWarnings(PG, { log_statement: Lazy.stringValue({ produce: () => 'all' }), log_parameter_max_length: Lazy.numberValue({ produce: () => 1 }) })).toEqual([]);
    for (const engine of [Engine.auroraPostgresql('17'), Engine.mysql('8.4')]) expect(exposureWarnings(engine, Object.fromEntries(engine.parameters.map(({ name, value }) => [name, value])))).toEqual([]);
  });
});

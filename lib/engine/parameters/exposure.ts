import type { SizedEngine } from '../sized-engine';
import { literalOf, type ParameterValues, toBoolean } from './value';

interface Exposure {
  readonly parameter: string;
  readonly exposes: (value: string) => boolean;
  /** Reads on from the parameter and its value. */
  readonly what: string;
}

const SOURCE = { postgresql: 'PostgreSQL, Error Reporting and Logging', mysql: 'MySQL, The General Query Log' } as const;
/** `-1` is all of a value, and 0 none. */
const someOf = (value: string): boolean => Number(value) !== 0;
const isOn = (value: string): boolean => toBoolean(value) === true;

/** Settings that write into the log what does not belong there. */
const EXPOSURES: Readonly<Record<SizedEngine['language'], readonly Exposure[]>> = {
  postgresql: [
    { parameter: 'log_statement', exposes: (value) => value.toLowerCase() === 'ddl', what: 'writes the passwords of ALTER ROLE … PASSWORD into the log' },
    { parameter: 'log_statement', exposes: (value) => ['mod', 'all'].includes(value.toLowerCase()), what: "writes the passwords of ALTER ROLE … PASSWORD and the values in statements, which are tenants' data, into the log" },
    { parameter: 'log_min_duration_statement', exposes: (value) => Number(value) === 0, what: "writes every statement with the values in it, which are passwords and tenants' data, into the log" },
    { parameter: 'log_parameter_max_length', exposes: someOf, what: "writes the values that statements are sent with, which are tenants' data, into the log" },
    { parameter: 'log_parameter_max_length_on_error', exposes: someOf, what: "writes the values that failed statements are sent with, which are tenants' data, into the log" },
    { parameter: 'pgaudit.log_parameter', exposes: isOn, what: "writes the values that statements are sent with, which are tenants' data, into the log" },
  ],
  mysql: [{ parameter: 'general_log', exposes: isOn, what: "writes every statement with the values in it, which are tenants' data, into the log" }],
};

/** What of these settings brings passwords or tenants' data into the log, each as a sentence. What only Terraform knows is not judged. */
export function exposureWarnings({ language }: Pick<SizedEngine, 'language'>, values: ParameterValues): string[] {
  return EXPOSURES[language].flatMap(({ parameter, exposes, what }) => {
    const value = literalOf(values, parameter);
    if (value === undefined || !exposes(String(value).trim())) return [];
    return [`parameters.${parameter} is ${JSON.stringify(value)}, which ${what}: whoever reads the log reads them, as long as it is kept. Leave it out, or keep it for as long as a fault is looked for. Source: ${SOURCE[language]}.`];
  });
}

import { Duration } from '../../core/duration';
import { type EngineParameter, literalOf, type ParameterValues } from './value';

/** When a statement is slow, of the parameter that says so; what only Terraform knows counts as the template's. */
export function slowStatementIn({ parameter, unit }: { readonly parameter: string; readonly unit: 'ms' | 's' }, values: ParameterValues, template: readonly EngineParameter[]): Duration | undefined {
  const own = literalOf(values, parameter);
  const number = Number(own ?? template.find(({ name }) => name === parameter)?.value);
  if (!Number.isFinite(number) || number < 0) return undefined;
  return Duration.seconds(unit === 'ms' ? number / 1000 : number);
}

import { Duration } from '../../core/duration';
import { type EngineParameter, isFormula, isRaw, isUnknown, type ParameterValues } from './value';

/** When a statement is slow, of the parameter that says so; what only Terraform knows counts as the template's. */
export function slowStatementIn({ parameter, unit }: { readonly parameter: string; readonly unit: 'ms' | 's' }, values: ParameterValues, template: readonly EngineParameter[]): Duration | undefined {
  const given = values[parameter];
  const value = given !== undefined && isRaw(given) ? given.value : given;
  const own = value === undefined || isUnknown(value) || isFormula(value) ? undefined : Number(value);
  const number = own ?? Number(template.find(({ name }) => name === parameter)?.value);
  if (!Number.isFinite(number) || number < 0) return undefined;
  return Duration.seconds(unit === 'ms' ? number / 1000 : number);
}

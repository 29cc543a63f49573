import type { ExplainedErrorCode } from '../core/explained-codes';
import { TenantryError } from '../core/errors';
import { nearest } from '../core/text';
import { type CodeExplanation, CODES } from './codes';
import { explainedAlarms } from './explain-alarm';

export interface ExplainedCode extends CodeExplanation {
  readonly code: string;
}

/** @throws TenantryError (`input`) where nothing more is known than the error itself says */
export function explainCode(code: string): ExplainedCode {
  const found = Object.hasOwn(CODES, code) ? CODES[code as ExplainedErrorCode] : undefined;
  if (found !== undefined) return { code, ...found };
  const known = [...Object.keys(CODES), ...explainedAlarms()];
  const near = nearest(code, known) ?? known.find((one) => one.endsWith(`/${code}`));
  throw new TenantryError('input', {
    code: 'explain/unknown', at: code, problem: `There is no explanation of ${JSON.stringify(code)}: what is wrong, and what to do, stands in the error itself.`,
    fix: near === undefined ? `Explained are scaling, the alarms of lib/alerting/RUNBOOKS.md, and these codes: ${Object.keys(CODES).join(', ')}.` : `Did you mean: tenantry explain ${near}`,
  });
}

import { apply, type ApplyResult, type Evidence } from '../../bootstrap';
import { count } from '../../core/text';
import { applyDocument, fingerprintIn, json } from '../documents';
import { EXIT } from '../exit';
import { verifyText } from '../output/verify-text';
import { type Colors, colorsFor, progressLine, type Streams } from '../streams';
import { type CommonOptions, readText, withTarget } from '../target';
import { attack } from './verify';

export interface ApplyCommandOptions extends CommonOptions {
  readonly plan?: string;
  readonly allowOlder?: boolean;
  readonly evidence?: string;
  readonly skipVerify?: boolean;
}

export async function applyCommand(options: ApplyCommandOptions, streams: Streams): Promise<number> {
  const reviewed = options.plan === undefined ? undefined : fingerprintIn(await readText(options.plan, '--plan'), options.plan);
  const progress = progressLine(streams);
  const colors = colorsFor(streams);
  const { result, verified } = await withTarget(options, async (access, loaded) => {
    const result = await apply({
      access, loaded, lockWait: options.lockWait * 1000, ...(options.allowOlder === true ? { allowOlder: true } : {}), ...(reviewed === undefined ? {} : { reviewed }),
      onProgress: (done, total, what) => progress.show(`  ${done}/${total}  ${what}`),
    }).finally(() => progress.clear());
    if (options.format === 'text') streams.out.write(applyText(result, loaded.manifest.declaration.name, colors));
    return { result, verified: options.skipVerify === true ? undefined : await attack(access, loaded, options, streams) };
  });
  if (options.format === 'json') streams.out.write(json({ ...applyDocument(result), verification: summaryOf(verified?.evidence) }));
  else streams.out.write(verified === undefined ? '\n  isolation   skipped: --skip-verify was given\n' : verifyText(verified.evidence, verified.file, colors));
  return result.refusals.length > 0 || (verified !== undefined && verified.evidence.outcome !== 'isolated') ? EXIT.refused : EXIT.done;
}

const summaryOf = (evidence: Evidence | undefined) => (evidence === undefined ? null : { outcome: evidence.outcome, summary: evidence.summary });

function applyText(result: ApplyResult, declaration: string, colors: Colors): string {
  const done = result.changes.length === 0 ? 'nothing to do' : count(result.changes.length, 'change');
  return [
    `\n  applied     ${colors.bold(declaration)}: ${done}, ${count(result.tenants, 'tenant')}, generation ${result.generation} (PostgreSQL ${result.serverVersion})   ${(result.milliseconds / 1000).toFixed(1)} s`,
    ...result.refusals.flatMap(({ kind, summary, fix }) => [`  ${colors.red('refused')}     ${kind}: ${summary}`, `              ${fix}`]),
    ...(result.findings.length === 0 ? [] : [`  findings    ${result.findings.length} not declared and left alone; tenantry bootstrap plan lists them`]), '',
  ].join('\n');
}

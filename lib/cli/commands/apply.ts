import { apply, type ApplyResult, type ReachedCell, refuseUnlessRegistered, SERVER_VERSION, TenantsFailed } from '../../bootstrap';
import { count } from '../../core/text';
import { type CellReport, overCells, printDocument, reviewedFor } from '../cells';
import { applyDocument, fingerprintIn } from '../documents';
import { EXIT } from '../exit';
import { type FleetCommandOptions, fleetOf } from '../fleet-options';
import { type RecreateOption, recreateOf } from '../recreate-option';
import { type Colors, colorsFor, progressLine, type Streams } from '../streams';
import { type CommonOptions, type LockOptions, readText } from '../target';
import { attack, type Attacked, evidenceText } from './verify';

export interface ApplyCommandOptions extends CommonOptions, LockOptions, FleetCommandOptions, RecreateOption {
  readonly plan?: string;
  readonly allowOlder?: boolean;
  readonly full?: boolean;
  readonly evidence?: string;
  readonly skipVerify?: boolean;
  /** Fingerprint of the plan that was reviewed: what `--plan` reads from a file. */
  readonly reviewed?: string;
}

export async function applyCommand(options: ApplyCommandOptions, streams: Streams): Promise<number> {
  const reviewed = options.plan === undefined ? options.reviewed : fingerprintIn(await readText(options.plan, '--plan'), options.plan);
  const report = await overCells('apply', options, streams, async (cell, home) => {
    const fingerprint = reviewedFor(cell, reviewed);
    return applyTo(await refuseUnlessRegistered(home, cell), options, fingerprint, streams);
  });
  if (options.format === 'json') printDocument(report, streams);
  return report.code;
}

async function applyTo({ access, loaded, passwords }: ReachedCell, options: ApplyCommandOptions, reviewed: string | undefined, streams: Streams): Promise<CellReport> {
  const progress = progressLine(streams);
  const colors = colorsFor(streams);
  let result: ApplyResult;
  try {
    result = await apply({
      access, loaded, ...(passwords === undefined ? {} : { passwords }), lockWait: options.lockWait * 1000, ...fleetOf(options), ...recreateOf(options), ...(options.allowOlder === true ? { allowOlder: true } : {}), ...(options.full === true ? { fullRead: true } : {}), ...(reviewed === undefined ? {} : { reviewed }),
      onProgress: (done, total, what) => progress.show(`  ${done}/${total}  ${what}`),
    }).finally(() => progress.clear());
  } catch (error) {
    if (!TenantsFailed.hasResult<ApplyResult>(error)) throw error;
    if (options.format === 'text') streams.out.write(failedText(error.result, colors));
    streams.err.write(`${error.message}\n`);
    return { code: EXIT.failed, document: { ...applyDocument(error.result, error.complaints), verification: null } };
  }
  if (options.format === 'text') streams.out.write(applyText(result, loaded.manifest.declaration.name, colors));
  const verified = options.skipVerify === true ? undefined : await attack(access, loaded, options, streams);
  if (options.format === 'text') streams.out.write(verified === undefined ? unverifiedText(result, colors) : evidenceText(verified.evidence, verified.file, streams));
  return {
    code: result.refusals.length > 0 || (verified !== undefined && verified.evidence.outcome !== 'isolated') ? EXIT.refused : EXIT.done,
    document: { ...applyDocument(result), verification: summaryOf(verified) },
  };
}

const summaryOf = (verified: Attacked | undefined) => (verified === undefined ? null : {
  outcome: verified.evidence.outcome, summary: verified.evidence.summary, ...(verified.file === undefined ? { evidence: verified.evidence } : {}),
});

/** What a verification says of the server's version is said all the same. */
const unverifiedText = ({ findings }: ApplyResult, colors: Colors): string => [
  '\n  isolation   skipped: --skip-verify was given', ...findings.filter(({ kind }) => kind === SERVER_VERSION).map(({ summary }) => `  server      ${colors.dim(summary)}`), '',
].join('\n');

/** Who failed; why is said behind it. */
function failedText({ tenantResults, generation, milliseconds }: ApplyResult, colors: Colors): string {
  const of = (outcome: string) => tenantResults.filter((result) => result.outcome === outcome);
  const counts = (['changed', 'unchanged', 'failed', 'refused', 'not-tried'] as const).map((outcome) => [outcome, of(outcome).length] as const).filter(([, n]) => n > 0);
  return [
    `\n  ${colors.red('failed')}      generation ${generation}: ${counts.map(([outcome, n]) => `${n.toLocaleString('en-US')} ${outcome === 'not-tried' ? 'not tried' : outcome}`).join(', ')} of ${count(tenantResults.length, 'tenant')} with a place of their own   ${(milliseconds / 1000).toFixed(1)} s`,
    ...of('failed').map(({ tenant, place, code }) => `  ${colors.red('✗')} ${tenant}   ${place}   ${code ?? ''}`), '', '',
  ].join('\n');
}

function applyText(result: ApplyResult, declaration: string, colors: Colors): string {
  const others = result.findings.filter(({ kind }) => kind !== SERVER_VERSION).length;
  const done = result.changes.length === 0 ? 'nothing to do' : count(result.changes.length, 'change');
  return [
    `\n  applied     ${colors.bold(declaration)}: ${done}, ${count(result.tenants, 'tenant')}, generation ${result.generation} (PostgreSQL ${result.serverVersion})   ${(result.milliseconds / 1000).toFixed(1)} s`,
    ...result.refusals.flatMap(({ kind, summary, fix }) => [`  ${colors.red('refused')}     ${kind}: ${summary}`, `              ${fix}`]),
    ...(others === 0 ? [] : [`  findings    ${others} not declared and left alone; tenantry bootstrap plan lists them`]), '',
  ].join('\n');
}

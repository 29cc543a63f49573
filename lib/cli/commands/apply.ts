import { apply, type ApplyResult, SERVER_VERSION, TenantsFailed } from '../../bootstrap';
import { count } from '../../core/text';
import { applyDocument, fingerprintIn, json } from '../documents';
import { EXIT } from '../exit';
import { type FleetCommandOptions, fleetOf } from '../fleet-options';
import { type RecreateOption, recreateOf } from '../recreate-option';
import { type Colors, colorsFor, progressLine, type Streams } from '../streams';
import { type CommonOptions, type LockOptions, readText, withTarget } from '../target';
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
  const progress = progressLine(streams);
  const colors = colorsFor(streams);
  const ended = await withTarget(options, async ({ access, loaded, passwords }) => {
    const result = await apply({
      access, loaded, ...(passwords === undefined ? {} : { passwords }), lockWait: options.lockWait * 1000, ...fleetOf(options), ...recreateOf(options), ...(options.allowOlder === true ? { allowOlder: true } : {}), ...(options.full === true ? { fullRead: true } : {}), ...(reviewed === undefined ? {} : { reviewed }),
      onProgress: (done, total, what) => progress.show(`  ${done}/${total}  ${what}`),
    }).finally(() => progress.clear());
    if (options.format === 'text') streams.out.write(applyText(result, loaded.manifest.declaration.name, colors));
    return { result, verified: options.skipVerify === true ? undefined : await attack(access, loaded, options, streams) };
  }).catch((error: unknown) => {
    if (!TenantsFailed.hasResult<ApplyResult>(error)) throw error;
    streams.out.write(options.format === 'json' ? json({ ...applyDocument(error.result, error.complaints), verification: null }) : failedText(error.result, colors));
    streams.err.write(`${error.message}\n`);
  });
  if (ended === undefined) return EXIT.failed;
  const { result, verified } = ended;
  if (options.format === 'json') streams.out.write(json({ ...applyDocument(result), verification: summaryOf(verified) }));
  else streams.out.write(verified === undefined ? unverifiedText(result, colors) : evidenceText(verified.evidence, verified.file, streams));
  return result.refusals.length > 0 || (verified !== undefined && verified.evidence.outcome !== 'isolated') ? EXIT.refused : EXIT.done;
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

import { apply, type ApplyResult, SERVER_VERSION } from '../../bootstrap';
import { count } from '../../core/text';
import { applyDocument, fingerprintIn, json } from '../documents';
import { EXIT } from '../exit';
import { type Colors, colorsFor, progressLine, type Streams } from '../streams';
import { type CommonOptions, type LockOptions, readText, withTarget } from '../target';
import { attack, type Attacked, evidenceText } from './verify';

export interface ApplyCommandOptions extends CommonOptions, LockOptions {
  readonly plan?: string;
  readonly allowOlder?: boolean;
  readonly evidence?: string;
  readonly skipVerify?: boolean;
  /** Fingerprint of the plan that was reviewed: what `--plan` reads from a file. */
  readonly reviewed?: string;
}

export async function applyCommand(options: ApplyCommandOptions, streams: Streams): Promise<number> {
  const reviewed = options.plan === undefined ? options.reviewed : fingerprintIn(await readText(options.plan, '--plan'), options.plan);
  const progress = progressLine(streams);
  const colors = colorsFor(streams);
  const { result, verified } = await withTarget(options, async ({ access, loaded, passwords }) => {
    const result = await apply({
      access, loaded, ...(passwords === undefined ? {} : { passwords }), lockWait: options.lockWait * 1000, ...(options.allowOlder === true ? { allowOlder: true } : {}), ...(reviewed === undefined ? {} : { reviewed }),
      onProgress: (done, total, what) => progress.show(`  ${done}/${total}  ${what}`),
    }).finally(() => progress.clear());
    if (options.format === 'text') streams.out.write(applyText(result, loaded.manifest.declaration.name, colors));
    return { result, verified: options.skipVerify === true ? undefined : await attack(access, loaded, options, streams) };
  });
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

function applyText(result: ApplyResult, declaration: string, colors: Colors): string {
  const others = result.findings.filter(({ kind }) => kind !== SERVER_VERSION).length;
  const done = result.changes.length === 0 ? 'nothing to do' : count(result.changes.length, 'change');
  return [
    `\n  applied     ${colors.bold(declaration)}: ${done}, ${count(result.tenants, 'tenant')}, generation ${result.generation} (PostgreSQL ${result.serverVersion})   ${(result.milliseconds / 1000).toFixed(1)} s`,
    ...result.refusals.flatMap(({ kind, summary, fix }) => [`  ${colors.red('refused')}     ${kind}: ${summary}`, `              ${fix}`]),
    ...(others === 0 ? [] : [`  findings    ${others} not declared and left alone; tenantry bootstrap plan lists them`]), '',
  ].join('\n');
}

import { type Evidence, type ServerAccess, verify } from '../../bootstrap';
import { TenantryError } from '../../core/errors';
import type { LoadedManifest } from '../../manifest';
import { json } from '../documents';
import { STANDARD_OUTPUT, writeEvidence } from '../evidence';
import { EXIT } from '../exit';
import { overCells } from '../cells';
import { sarifOf, sarifOfCells } from '../output/sarif';
import { verifyText } from '../output/verify-text';
import { colorsFor, progressLine, type Streams } from '../streams';
import type { TargetOptions } from '../target';

export interface VerifyCommandOptions extends TargetOptions {
  readonly format: 'text' | 'json' | 'sarif';
  readonly evidence?: string;
}

export async function verifyCommand(options: VerifyCommandOptions, streams: Streams): Promise<number> {
  const { format } = options;
  // In a BootstrapRunner the environment says so for all formats: the log takes the place of the evidence.
  if (format === 'sarif' && options.evidence === STANDARD_OUTPUT && streams.env['TENANTRY_EVIDENCE'] !== STANDARD_OUTPUT) {
    throw new TenantryError('input', { code: 'cli/two-documents', at: '--evidence', problem: 'The evidence and the SARIF log would both be on standard output.', fix: 'Give --evidence a file, or leave it out.' });
  }
  const { code, cells, document } = await overCells('verify', options, streams, async ({ access, loaded }) => {
    const { evidence, file } = await attack(access, loaded, options, streams);
    if (format === 'text') streams.out.write(evidenceText(evidence, file, streams));
    return { document: format === 'sarif' ? sarifOf(evidence, options.manifest ?? '') : evidence, code: evidence.outcome === 'isolated' ? EXIT.done : EXIT.refused };
  });
  if (format !== 'text') streams.out.write(json(format === 'sarif' && cells.length > 0 ? sarifOfCells(cells) : document));
  return code;
}

export interface Attacked {
  readonly evidence: Evidence;
  /** Undefined where it belongs on standard output. */
  readonly file: string | undefined;
}

/** What is said of the evidence, with all of it behind that where there is no file. */
export const evidenceText = (evidence: Evidence, file: string | undefined, streams: Streams): string =>
  `${verifyText(evidence, file ?? 'below', colorsFor(streams))}${file === undefined ? json(evidence) : ''}`;

export async function attack(access: ServerAccess, loaded: LoadedManifest, options: Pick<VerifyCommandOptions, 'evidence' | 'format'>, streams: Streams): Promise<Attacked> {
  const progress = progressLine(streams);
  const evidence = await verify({ access, loaded, onProgress: (text) => progress.show(`  ${text}`) });
  progress.clear();
  return { evidence, file: await writeEvidence(evidence, options.evidence, streams, options.format === 'sarif' ? 'is lost but for the SARIF log: give --evidence FILE' : undefined) };
}

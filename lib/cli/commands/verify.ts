import { type Evidence, type ServerAccess, verify } from '../../bootstrap';
import type { LoadedManifest } from '../../manifest';
import { json } from '../documents';
import { writeEvidence } from '../evidence';
import { EXIT } from '../exit';
import { verifyText } from '../output/verify-text';
import { colorsFor, progressLine, type Streams } from '../streams';
import { type CommonOptions, withTarget } from '../target';

export interface VerifyCommandOptions extends CommonOptions {
  readonly evidence?: string;
}

export async function verifyCommand(options: VerifyCommandOptions, streams: Streams): Promise<number> {
  const { evidence, file } = await withTarget(options, ({ access, loaded }) => attack(access, loaded, options, streams));
  streams.out.write(options.format === 'json' ? json(evidence) : evidenceText(evidence, file, streams));
  return evidence.outcome === 'isolated' ? EXIT.done : EXIT.refused;
}

export interface Attacked {
  readonly evidence: Evidence;
  /** Undefined where it belongs on standard output. */
  readonly file: string | undefined;
}

/** What is said of the evidence, with all of it behind that where there is no file. */
export const evidenceText = (evidence: Evidence, file: string | undefined, streams: Streams): string =>
  `${verifyText(evidence, file ?? 'below', colorsFor(streams))}${file === undefined ? json(evidence) : ''}`;

export async function attack(access: ServerAccess, loaded: LoadedManifest, options: Pick<VerifyCommandOptions, 'evidence'>, streams: Streams): Promise<Attacked> {
  const progress = progressLine(streams);
  const evidence = await verify({ access, loaded, onProgress: (text) => progress.show(`  ${text}`) });
  progress.clear();
  return { evidence, file: await writeEvidence(evidence, options.evidence, streams) };
}

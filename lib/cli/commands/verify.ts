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
  const { evidence, file } = await withTarget(options, (access, loaded) => attack(access, loaded, options, streams));
  streams.out.write(options.format === 'json' ? json(evidence) : verifyText(evidence, file, colorsFor(streams)));
  return evidence.outcome === 'isolated' ? EXIT.done : EXIT.refused;
}

export async function attack(access: ServerAccess, loaded: LoadedManifest, options: VerifyCommandOptions, streams: Streams): Promise<{ evidence: Evidence; file: string }> {
  const progress = progressLine(streams);
  const evidence = await verify({ access, loaded, onProgress: (text) => progress.show(`  ${text}`) });
  progress.clear();
  return { evidence, file: await writeEvidence(evidence, options.evidence) };
}

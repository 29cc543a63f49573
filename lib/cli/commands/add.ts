import type { Isolation } from '../../declaration/types';
import { addTenant } from '../../bootstrap';
import { applyDocument, json } from '../documents';
import { EXIT } from '../exit';
import { progressLine, type Streams } from '../streams';
import { type CommonOptions, type LockOptions, withTarget } from '../target';

export interface AddOptions extends CommonOptions, LockOptions {
  readonly mode: Isolation;
  readonly name?: string;
  readonly tier: string;
}

export async function addCommand(key: string, options: AddOptions, streams: Streams): Promise<number> {
  const progress = progressLine(streams);
  const result = await withTarget(options, ({ access, loaded, passwords }) => addTenant({
    access, loaded, ...(passwords === undefined ? {} : { passwords }), lockWait: options.lockWait * 1000, onProgress: (done, total, what) => progress.show(`  ${done}/${total}  ${what}`),
  }, { key, isolation: options.mode, tier: options.tier, ...(options.name === undefined ? {} : { displayName: options.name }) }));
  progress.clear();
  streams.out.write(options.format === 'json' ? json(applyDocument(result)) : [
    `\n  tenant ${key} (${options.mode}) is active   ${(result.milliseconds / 1000).toFixed(1)} s`,
    ...result.refusals.flatMap(({ kind, summary, fix }) => [`  refused     ${kind}: ${summary}`, `              ${fix}`]), '',
  ].join('\n'));
  return result.refusals.length > 0 ? EXIT.refused : EXIT.done;
}

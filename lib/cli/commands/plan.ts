import { writeFile } from 'node:fs/promises';
import { plan } from '../../bootstrap';
import { json, planDocument } from '../documents';
import { EXIT } from '../exit';
import { addressOf, planText } from '../output/plan-text';
import { type RecreateOption, recreateOf } from '../recreate-option';
import { colorsFor, type Streams } from '../streams';
import { type CommonOptions, withTarget } from '../target';

export interface PlanOptions extends CommonOptions, RecreateOption {
  readonly plan?: string;
  readonly detailedExitcode?: boolean;
  readonly allowOlder?: boolean;
  readonly full?: boolean;
}

export async function planCommand(options: PlanOptions, streams: Streams): Promise<number> {
  const found = await withTarget(options, ({ access, loaded, passwords }) => plan({ access, loaded, ...(passwords === undefined ? {} : { passwords }), ...(options.allowOlder === true ? { allowOlder: true } : {}), ...(options.full === true ? { fullRead: true } : {}), ...recreateOf(options) }));
  if (options.plan !== undefined) await writeFile(options.plan, json(planDocument(found)));
  streams.out.write(options.format === 'json' ? json(planDocument(found)) : planText(found, addressOf(found.address), colorsFor(streams)));
  const differs = found.differences.some(({ type }) => type !== 'finding');
  return differs && (found.drifted || options.detailedExitcode === true) ? EXIT.differences : EXIT.done;
}

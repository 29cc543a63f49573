import { writeFile } from 'node:fs/promises';
import { plan, refuseUnlessRegistered } from '../../bootstrap';
import { fingerprintOfCells, overCells } from '../cells';
import { json, planDocument } from '../documents';
import { EXIT } from '../exit';
import { addressOf, planText } from '../output/plan-text';
import { type RecreateOption, recreateOf } from '../recreate-option';
import { colorsFor, type Streams } from '../streams';
import type { CommonOptions } from '../target';

export interface PlanOptions extends CommonOptions, RecreateOption {
  readonly plan?: string;
  readonly detailedExitcode?: boolean;
  readonly allowOlder?: boolean;
  readonly full?: boolean;
}

export async function planCommand(options: PlanOptions, streams: Streams): Promise<number> {
  const { code, cells, document } = await overCells('plan', options, streams, async (cell, home) => {
    const { access, loaded, passwords } = await refuseUnlessRegistered(home, cell, true);
    const found = await plan({ access, loaded, ...(passwords === undefined ? {} : { passwords }), ...(options.allowOlder === true ? { allowOlder: true } : {}), ...(options.full === true ? { fullRead: true } : {}), ...recreateOf(options) });
    if (options.format === 'text') streams.out.write(planText(found, addressOf(found.address), colorsFor(streams)));
    const differs = found.differences.some(({ type }) => type !== 'finding');
    return { document: planDocument(found), code: differs && (found.drifted || options.detailedExitcode === true) ? EXIT.differences : EXIT.done };
  });
  const whole = cells.length === 0 ? document : { ...document, fingerprint: fingerprintOfCells(cells) ?? null };
  if (options.plan !== undefined) await writeFile(options.plan, json(whole));
  if (options.format === 'json') streams.out.write(json(whole));
  return code;
}

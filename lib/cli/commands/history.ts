import { tenantHistory } from '../../bootstrap';
import { historyDocument, json } from '../documents';
import { EXIT } from '../exit';
import { historyText } from '../output/history-text';
import { colorsFor, type Streams } from '../streams';
import { type CommonOptions, withTenantTarget } from '../target';

export async function historyCommand(key: string, options: CommonOptions, streams: Streams): Promise<number> {
  const { manifest, operations } = await withTenantTarget(options, key, async ({ access, loaded }) => ({ manifest: loaded.manifest, operations: await tenantHistory({ access, loaded }, key) }));
  streams.out.write(options.format === 'json' ? json(historyDocument(manifest, key, operations)) : historyText(key, operations, colorsFor(streams)));
  return EXIT.done;
}

import { exceedsQuota, measureUsage } from '../../bootstrap';
import { json, usageDocument } from '../documents';
import { EXIT } from '../exit';
import { usageText } from '../output/usage-text';
import { colorsFor, type Streams } from '../streams';
import { type CommonOptions, withTarget } from '../target';

export async function usageCommand(key: string | undefined, options: CommonOptions, streams: Streams): Promise<number> {
  const { manifest, tenants } = await withTarget(options, async ({ access, loaded }) => ({ manifest: loaded.manifest, tenants: await measureUsage({ access, loaded }, key) }));
  streams.out.write(options.format === 'json' ? json(usageDocument(manifest, tenants)) : usageText(tenants, colorsFor(streams)));
  return tenants.some(exceedsQuota) ? EXIT.differences : EXIT.done;
}

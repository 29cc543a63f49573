import { exceedsQuota, measureUsage } from '../../bootstrap';
import { json, usageDocument } from '../documents';
import { EXIT } from '../exit';
import { usageText } from '../output/usage-text';
import { colorsFor, type Streams } from '../streams';
import { type CommonOptions, type Target, withTarget, withTenantTarget } from '../target';

export async function usageCommand(key: string | undefined, options: CommonOptions, streams: Streams): Promise<number> {
  const measure = async ({ access, loaded }: Target) => ({ manifest: loaded.manifest, tenants: await measureUsage({ access, loaded }, key) });
  const { manifest, tenants } = await (key === undefined ? withTarget(options, measure) : withTenantTarget(options, key, measure));
  streams.out.write(options.format === 'json' ? json(usageDocument(manifest, tenants)) : usageText(tenants, colorsFor(streams)));
  return tenants.some(exceedsQuota) ? EXIT.differences : EXIT.done;
}

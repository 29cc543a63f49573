import { type ListedTenant, listTenants } from '../../bootstrap';
import { json, tenantsDocument } from '../documents';
import { EXIT } from '../exit';
import { tenantsText } from '../output/tenants-text';
import { colorsFor, type Streams } from '../streams';
import { type CommonOptions, withTarget } from '../target';

export async function listCommand(options: CommonOptions, streams: Streams): Promise<number> {
  const { manifest, tenants } = await withTarget(options, async ({ access, loaded }): Promise<{ manifest: typeof loaded.manifest; tenants: readonly ListedTenant[] }> =>
    ({ manifest: loaded.manifest, tenants: await listTenants({ access, loaded }) }));
  streams.out.write(options.format === 'json' ? json(tenantsDocument(manifest, tenants)) : tenantsText(tenants, colorsFor(streams)));
  return EXIT.done;
}

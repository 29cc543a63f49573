import { join } from 'node:path';
import { expect } from 'vitest';
import { Store } from '../../lib/rehearsal/cloud/store';
import { tenantry } from '../cli/support';
import { notChosen, type Target } from './target';

/** The stand-in for the provider, from a mirror, as `tenantry rehearse --env` prepares it. */
export const rehearsal: Target = {
  name: 'rehearsal',
  missing: notChosen('rehearsal'),
  account: '111111111111',
  localDatabase: true,
  async prepare(synthesized, folder) {
    const { code, out, err } = await tenantry(['rehearse', '--env', '--keep', folder, '--dir', synthesized]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const variables = Object.fromEntries([...out.matchAll(/^export (\w+)='(.*)'$/gm)].map(([, name, value]) => [name, value])) as Record<string, string>;
    expect(Object.keys(variables)).toEqual(['TF_CLI_CONFIG_FILE', 'CHECKPOINT_DISABLE', 'CDKTF_DISABLE_PLUGIN_CACHE_ENV']);
    const store = new Store(join(folder, 'store', 'objects'));
    return { output: join(folder, 'cdktf.out'), variables, objects: () => Promise.resolve(store.files()) };
  },
};

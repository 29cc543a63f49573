import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { manifestText, readManifests, selectManifest, toTerraformTemplate } from '../../lib/manifest';
import { complaintsOf } from '../support/refused';

 
const manifest = (change: (draft: any) => void = () => undefined): unknown => {
  const draft = {
    format: 'tenantry/manifest@1', platform: 'acme', environment: 'staging', address: 'staging-data/Shop', home: 'main',
    declaration: { name: 'shop', tables: { flags: { tenancy: 'shared', columns: { name: { type: 'text' } }, primaryKey: ['name'] } } },
    tenants: { acme: { isolation: 'row', displayName: 'Ä "quoted" \\ ${x} %{y}\n' } },
    servers: { main: { host: 'db.invalid', port: 5432, engine: 'postgres', engineVersion: '17', region: 'eu-central-1', masterUsername: 'master' } },
  };
  change(draft);
  return draft;
};

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');
const nameOf = (text: string): string | undefined => readManifests(text, 'file.json')[0]?.manifest.tenants['acme']?.displayName;

describe('manifests are found in', () => {
  it('a manifest: with every default, and the digest of its very bytes', () => {
    const text = manifestText(manifest());
    const [found] = readManifests(text, 'file.json');
    expect(found).toMatchObject({ digest: digestOf(text), manifest: { declaration: { externalGrants: [], roles: {}, tables: { flags: { columns: { name: { nullable: false, data: 'internal' } } } } }, tenants: { acme: { tier: 'standard' } } } });
    expect(nameOf(text)).toBe('Ä "quoted" \\ ${x} %{y}\n');
  });

  it('the outputs that cdktf deploy --outputs-file wrote', () => {
    const text = manifestText(manifest());
    const outputs = JSON.stringify({ 'staging-data': { Shop_manifest: text, bucket: 'tenantry/manifest@1', other: 3 }, 'staging-foundation': { vpc: 'vpc-1' } });
    expect(readManifests(outputs, 'outputs.json')).toMatchObject([{ digest: digestOf(text) }]);
    expect(nameOf(outputs)).toBe('Ä "quoted" \\ ${x} %{y}\n');
  });

  it('a synthesized stack, whose texts are Terraform templates', () => {
    const stack = JSON.stringify({ terraform: {}, resource: {}, output: { Shop_manifest: { value: toTerraformTemplate(manifest()) }, other: { value: '$${x}' } } });
    expect(nameOf(stack)).toBe('Ä "quoted" \\ ${x} %{y}\n');
    expect(readManifests(stack, 'cdk.tf.json')[0]?.digest, 'as it will be applied').toBe(digestOf(manifestText(manifest())));
  });

  it('a file with several, by name or by address', () => {
    const other = manifest((draft) => Object.assign(draft, { address: 'staging-data/Clinic', declaration: { ...draft.declaration, name: 'clinic' } }));
    const twin = manifest((draft) => Object.assign(draft, { address: 'staging-data/Second' }));
    const found = readManifests(JSON.stringify({ stack: { a: manifestText(manifest()), b: manifestText(other), c: manifestText(twin) } }), 'outputs.json');
    expect(selectManifest(found, 'clinic', 'outputs.json').manifest.address).toBe('staging-data/Clinic');
    expect(selectManifest(found, 'staging-data/Second', 'outputs.json').manifest.address).toBe('staging-data/Second');
    const all = 'shop (staging-data/Shop), clinic (staging-data/Clinic) and shop (staging-data/Second)';
    expect(complaintsOf(() => selectManifest(found, undefined, 'outputs.json'))).toEqual({
      codes: ['manifest/several'], message: `manifest/several  at outputs.json\n\n  The file holds 3 manifests: ${all}.\n\n  Say which with --database NAME; where a name occurs twice, give the path in brackets.`,
    });
    expect(complaintsOf(() => selectManifest(found, 'shop', 'outputs.json')).codes).toEqual(['manifest/several']);
    expect(complaintsOf(() => selectManifest(found, 'shopp', 'outputs.json'))).toEqual({
      codes: ['manifest/unknown-database'], message: `manifest/unknown-database  at outputs.json\n\n  There is no "shopp" in the file; it holds ${all}.\n\n  Give one of these names with --database.`,
    });
  });
});

describe('what is no manifest is refused:', () => {
  it.each<[string, string, string[], string | RegExp]>([
    ['text', 'hello', ['manifest/not-json'], /^manifest\/not-json {2}at file\.json\n\n {2}The file is not JSON: Unexpected token .*\.\n\n {2}Give the file that cdktf deploy --outputs-file wrote, or a manifest\.$/],
    ['other JSON', '{"a": [1, null, "tenantry/manifest@1"]}', ['manifest/none'],
      'manifest/none  at file.json\n\n  The file holds no manifest of a TenantDatabase.\n\n  Give the file that cdktf deploy --outputs-file wrote, a manifest, or cdktf.out/stacks/<stack>/cdk.tf.json.'],
    ['another format', manifestText(manifest((draft) => (draft.format = 'tenantry/manifest@2'))), ['manifest/format'],
      'manifest/format  at file.json\n\n  The manifest has format "tenantry/manifest@2"; this version reads "tenantry/manifest@1".\n\n  Use the version of tenantry that synthesized the stack.'],
    ['a home that there is not', manifestText(manifest((draft) => (draft.home = 'other'))), ['manifest/home'], 'manifest/home  at file.json\n\n  home is "other", which is none of the servers main.'],
    ['a password', manifestText(manifest((draft) => (draft.servers.main.password = 'secret'))), ['manifest/unknown-key'], /at file\.json: servers\.main\.password\n\n {2}"password" is not a property here\./],
    ['a wrong key of a tenant, and a wrong name in the declaration', manifestText(manifest((draft) => { draft.tenants['A B'] = { isolation: 'row' }; draft.declaration.name = 'pg_x'; })), ['declaration/reserved-name', 'tenants/key'], /./],
  ])('%s', (_title, text, codes, message) => {
    const found = complaintsOf(() => readManifests(text, 'file.json'));
    expect(found.codes).toEqual(codes);
    if (typeof message === 'string') expect(found.message).toBe(message);
    else expect(found.message).toMatch(message);
  });
});

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalBackend, TerraformOutput, TerraformStack } from 'cdktf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseDeclaration } from '../../lib/declaration';
import { HaCluster } from '../../lib/ha-cluster';
import { fromTerraformTemplate, manifestText, readManifests, toTerraformTemplate } from '../../lib/manifest';
import { TenantDatabase } from '../../lib/tenant-database';
import { type Json, synthesizeStack, testApp, testStack } from '../support/synth';

const terraform = spawnSync('terraform', ['version'], { env: { ...process.env, CHECKPOINT_DISABLE: '1' } }).status === 0;
const why = terraform ? '' : ' (skipped: there is no terraform on the PATH)';

/** What a declaration may hold in names, comments, defaults and display names. */
const HOSTILE: Readonly<Record<string, string>> = {
  quotes: `"double" 'single' \`back\``,
  backslashes: '\\ \\\\ \\" \\n \\u0024{1+1} \\${1+1}',
  'a function': '${file("/etc/hostname")}',
  'a reference': '${aws_rds_cluster.other.master_password}',
  'an unclosed expression': 'text ${ text',
  'a directive': '%{if true}yes%{else}no%{endif} %{ for x in ["a"] }${x}%{ endfor }',
  'an escaped expression': '$${1+1}',
  'a dollar before an expression': '$$${1+1} $$$${1+1} $$$$${1+1}',
  'an escaped directive': '%%{if true} %%%{if true}',
  'mixed signs': '%${1+1} $%{if true} ${%{ %{${',
  'signs alone': '$ % { } $$ %% ${} $} %}',
  'new lines': 'one\ntwo\r\nthree\ttab',
  'control characters': '\u0000\u0001\u001b[31m\u007f',
  unicode: 'Zoë 漢字 🐘 \u202e\u2028\u2029 e\u0301',
  html: '</script><!-- & &amp;',
  sql: `a"; drop schema public cascade; --`,
  heredoc: '<<EOT\n${path.module}\nEOT',
  'a long number': '123456789012345678901234567890.5e+10',
  json: '{"a":"${b}"}',
};

const TEXTS = { ...HOSTILE, everything: Object.values(HOSTILE).join('') };
const outputName = (name: string): string => name.replaceAll(' ', '_');

describe.skipIf(!terraform)(`a hostile declaration, applied with the real Terraform${why}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'tenantry-hostile-'));
  let outputs: Record<string, { value: string }>;
  let database: TenantDatabase;

  beforeAll(() => {
    const stack = new TerraformStack(testApp(), 'hostile');
    new LocalBackend(stack, { path: 'terraform.tfstate' });
    for (const [name, text] of Object.entries(TEXTS)) new TerraformOutput(stack, name, { value: toTerraformTemplate(hostile(text)) }).overrideLogicalId(outputName(name));
    const { json } = synthesizeStack(stack);
    database = hostileDatabase();
    // Of the stack with the database only the output is applied: the rest would need an account.
    const output = synthesizeStack(TerraformStack.of(database)).json.output[database.resource.friendlyUniqueId];
    writeFileSync(join(folder, 'cdk.tf.json'), JSON.stringify({ ...json, output: { ...json.output, database: output } }));
    run('init', '-input=false');
    run('apply', '-auto-approve', '-input=false');
    outputs = JSON.parse(run('output', '-json'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(Object.entries(TEXTS))('comes out byte for byte: %s', (name, text) => {
    const value = outputs[outputName(name)]?.value;
    expect(value).toBe(manifestText(hostile(text)));
    expect(JSON.parse(value ?? '')).toEqual(hostile(text));
  });

  it('as the manifest of a TenantDatabase, which the command line reads', () => {
    const value = outputs.database?.value ?? '';
    expect(value).toBe(manifestText(database.manifest));
    expect(JSON.parse(value)).toEqual(JSON.parse(JSON.stringify(database.manifest)));
    const [read] = readManifests(JSON.stringify({ 'staging-data': { Shop_Manifest: value } }), 'outputs.json');
    expect(read?.manifest).toEqual(JSON.parse(JSON.stringify(database.manifest)));
    expect(read?.digest).toBe(createHash('sha256').update(value).digest('hex'));
  });

  function run(...args: readonly string[]): string {
    const done = spawnSync('terraform', [...args, '-no-color'], { cwd: folder, encoding: 'utf8', env: { ...process.env, CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1', TF_CLI_CONFIG_FILE: undefined } });
    if (done.status !== 0) throw new Error(`terraform ${args.join(' ')} failed: ${done.stderr.split('\n').filter((line) => line.startsWith('Error')).join('; ')}`);
    return done.stdout;
  }
});

/** Hostile text wherever a declaration and its tenants have free text. */
function hostileDatabase(): TenantDatabase {
  const text = Object.entries(HOSTILE).filter(([name]) => name !== 'control characters').map(([, one]) => one).join(' ');
  const stack = testStack();
  const cluster = HaCluster.fromHaClusterAttributes(stack, 'Cluster', {
    clusterIdentifier: 'shop', clusterResourceId: 'cluster-ABC', endpointAddress: 'w.example', readerEndpointAddress: 'r.example', engineVersion: '17', masterUsername: 'root', masterSecretArn: 'arn:aws:secretsmanager:x',
  });
  const schema = parseDeclaration({
    name: 'shop',
    tables: {
      notes: { tenancy: 'tenant', columns: { id: { type: 'uuid' }, text: { type: 'text', default: text, check: text, comment: text } }, primaryKey: ['id'], comment: text, checks: { hostile: text } },
      kinds: { tenancy: 'reference', columns: { code: { type: 'text' } }, primaryKey: ['code'], rows: [{ code: text }] },
    },
  });
  return new TenantDatabase(stack, 'Shop', { cluster, schema, tenants: { acme: { isolation: 'row', displayName: text.slice(0, 200) } } });
}

describe('reading a template back without Terraform', () => {
  it.each(Object.entries(HOSTILE))('gives what was written: %s', (_, text) => {
    expect(fromTerraformTemplate(toTerraformTemplate(hostile(text)))).toBe(manifestText(hostile(text)));
    expect(JSON.parse(manifestText(hostile(text)))).toEqual(hostile(text));
  });
});

/** As keys and as values. */
const hostile = (text: string): Json => ({ [text]: { comment: text, default: text, rows: [{ name: text }] }, displayName: text, last: `${text}` });

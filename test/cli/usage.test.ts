import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { manifestOf } from '../bootstrap/support/platform';
import { shopInput } from '../bootstrap/support/shop';
import { freshFolder } from '../support/fresh-folder';
import { tenantry } from './support';

describe('the command line, before any server', () => {
  let folder: string;
  const file = (name: string, content: unknown): string => {
    const path = join(folder, name);
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  };
  let manifest: string;

  beforeAll(() => {
    folder = freshFolder('cli');
    manifest = file('manifest.json', manifestOf(shopInput).manifest);
  });

  it('prints its help and exits with 0', async () => {
    const { code, out, err } = await tenantry(['--help']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('Exit codes: 0 done, or nothing to do');
  });

  it.each([
    [['bootstrap', 'plan'], 'It is not said which manifest is meant.'],
    [['bootstrap', 'plan', '--manifest', 'x', '--formt', 'json'], "unknown option '--formt'"],
    [['bootstrap', 'plan', '--manifest', 'x', '--format', 'xml'], "option '--format <format>' argument 'xml' is invalid. Allowed choices are text, json."],
    [['bootstrap', 'apply', '--manifest', 'x', '--lock-wait', 'long'], "It is a number of seconds"],
    [['tenant', 'add', 'x', '--manifest', 'x', '--mode', 'row', '--lock-wait', '-1'], "It is a number of seconds"],
    [['bootstrap', 'plan', '--manifest', 'x', '--lock-wait', '5'], "unknown option '--lock-wait'"],
    [['bootstrap', 'verify', '--manifest', 'x', '--lock-wait', '5'], "unknown option '--lock-wait'"],
    [['tenant', 'add', 'x', '--manifest', 'x', '--mode', 'cluster'], 'Allowed choices are row, schema, database.'],
    [['deploy'], "unknown command 'deploy'"],
  ])('answers %j with usage and 64', async (args, message) => {
    const { code, out, err } = await tenantry(args);
    expect({ code, out }).toEqual({ code: 64, out: '' });
    expect(err).toContain(message);
  });

  it.each([
    ['that is not there', () => join(folder, 'none.json'), (path: string) => `cli/file  at --manifest\n\n  "${path}" cannot be read: there is no such file.\n\n  Give the file that cdktf deploy --outputs-file wrote, a manifest, or cdktf.out/stacks/<stack>/cdk.tf.json.\n`],
    ['without a manifest', () => file('outputs.json', { stack: { address: 'x' } }), (path: string) => `manifest/none  at ${path}\n\n  The file holds no manifest of a TenantDatabase.\n\n  Give the file that cdktf deploy --outputs-file wrote, a manifest, or cdktf.out/stacks/<stack>/cdk.tf.json.\n`],
  ])('explains a file %s', async (_title, make, message) => {
    const path = make();
    expect(await tenantry(['bootstrap', 'plan', '--manifest', path])).toEqual({ code: 64, out: '', err: message(path) });
  });

  it('gives an error as a document when results are asked for as JSON', async () => {
    const { code, out } = await tenantry(['bootstrap', 'plan', '--manifest', join(folder, 'none.json'), '--format', 'json']);
    expect(code).toBe(64);
    expect(JSON.parse(out)).toMatchObject({ format: 'tenantry/error@1', kind: 'input', complaints: [{ code: 'cli/file', at: '--manifest' }] });
  });

  it('refuses less than a verified connection off the local machine', async () => {
    const { code, err } = await tenantry(['bootstrap', 'plan', '--manifest', manifest, '--database-url', 'postgresql://me:secret@db.example.com/?sslmode=require']);
    expect(code).toBe(3);
    expect(err).toBe('connect/tls  at --database-url\n\n  sslmode is "require" for db.example.com. Off the local machine the connection is encrypted and the server\'s certificate checked (verify-full).\n\n  Leave sslmode out. Where the certificate is signed by an authority of your own, name it with --ca FILE.\n');
  });

  it('[DBAAS-5.6] never repeats a password', async () => {
    for (const url of ['postgresql://me:s3cret@localhost:1/', 'me:s3cret@localhost', 'postgresql://:s3cret@localhost']) {
      const { code, out, err } = await tenantry(['bootstrap', 'plan', '--manifest', manifest, '--database-url', url]);
      expect(code).not.toBe(0);
      expect(out + err).not.toContain('s3cret');
      expect(err).not.toContain('    at ');
    }
  });

  it('explains a URL whose password holds a bare %, and a file that cannot be written', async () => {
    const { code, err } = await tenantry(['bootstrap', 'plan', '--manifest', manifest, '--database-url', 'postgresql://me:p%zz@localhost']);
    expect({ code, err }).toEqual({ code: 64, err: 'connect/url  at --database-url\n\n  The user or the password holds a % that begins no escape.\n\n  Write % as %25.\n' });
    const missing = await tenantry(['bootstrap', 'apply', '--manifest', manifest, '--plan', join(folder, 'no.json'), '--format=json']);
    expect(missing.code).toBe(64);
    expect(JSON.parse(missing.out)).toMatchObject({ format: 'tenantry/error@1', complaints: [{ code: 'cli/file', at: '--plan' }] });
  });

  it('refuses two servers at once', async () => {
    const { code, err } = await tenantry(['bootstrap', 'plan', '--manifest', manifest, '--embedded', '--database-url', 'postgresql://me@localhost']);
    expect({ code, err }).toEqual({ code: 64, err: 'cli/two-servers  at --embedded\n\n  Both --embedded and --database-url are given.\n\n  Give one of the two.\n' });
  });

  it('says that a synthesized stack has no address yet', async () => {
    const { manifest: synthesized } = manifestOf(shopInput);
    const path = file('synthesized.json', { ...synthesized, servers: { main: { ...synthesized.servers['main'], host: '${aws_rds_cluster.Cluster.endpoint}', masterSecretArn: '${x}' } } });
    const { code, err } = await tenantry(['bootstrap', 'plan', '--manifest', path]);
    expect(code).toBe(64);
    expect(err).toMatch(/^connect\/unresolved {2}at main\n\n {2}The address of the server is \$\{aws_rds_cluster\.Cluster\.endpoint\}, which only Terraform knows/);
  });
});

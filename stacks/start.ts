/** `npm start`: from the declaration to Terraform, and to a running database in which tenants are kept apart. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Evidence, apply, verify } from 'tenantry/bootstrap';
import { connectTenants, trust } from 'tenantry/client';
import { startEmbedded } from 'tenantry/embedded';
import { type LoadedManifest, readManifests, selectManifest } from 'tenantry/manifest';
import { rehearse } from 'tenantry/rehearsal';
import { environments, platform } from './platform';

const OUT = 'cdktf.out';
const HOME = '.tenantry/start';
const STACK = join(OUT, 'stacks', 'staging-data', 'cdk.tf.json');

const CONCLUSION = {
  isolated: 'Tenants are kept apart.', breached: 'THE ISOLATION DOES NOT HOLD: see the evidence.', unknown: 'Not every attack could be judged: see the evidence.',
};

const seconds = (since: number): string => `${((Date.now() - since) / 1000).toFixed(1)} s`;
const say = (label: string, text: string): void => console.log(`  ${label.padEnd(12)}${text}`);

async function main(): Promise<number> {
  const started = Date.now();
  console.log('\nTenantry: the reference platform, from one declaration\n');

  let since = Date.now();
  const synthesized = synthesize();
  say('terraform', `${synthesized.stacks} stacks for ${environments.length} environments, ${synthesized.resources} resources   ${seconds(since)}`);

  await rm(HOME, { recursive: true, force: true });
  await mkdir(HOME, { recursive: true });
  const { loaded, settled } = await rehearseStaging();

  since = Date.now();
  const server = await startEmbedded({ dataDirectory: join(HOME, 'postgres') });
  try {
    say('database', `PostgreSQL ${server.version}, embedded; the bootstrap logs in as ${server.bootstrapUser}, who is no superuser   ${seconds(since)}`);
    const access = { host: server.host, port: server.port, user: server.bootstrapUser, method: 'trust' as const };
    const first = await apply({ access, loaded });
    const kinds = new Map<string, number>();
    for (const { kind } of first.changes) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    say('apply', `${first.changes.length} changes for ${first.tenants} tenants   ${(first.milliseconds / 1000).toFixed(1)} s`);
    say('', [...kinds].map(([kind, n]) => `${n} ${kind}`).join(', '));
    const second = await apply({ access, loaded });
    say('again', `${second.changes.length} changes   ${(second.milliseconds / 1000).toFixed(1)} s`);

    const evidence = await verify({ access, loaded });
    const file = join(HOME, 'evidence.json');
    await writeFile(file, `${JSON.stringify(evidence, null, 2)}\n`);
    sayEvidence(evidence);

    const tenants = connectTenants(loaded.manifest, { role: 'app', credentials: trust(server) });
    for (const tenant of Object.keys(loaded.manifest.tenants)) {
      const customers = await tenants.with(tenant, async (db) => {
        await db.query('insert into customers (email, name, country) values ($1, $2, $3)', [`hello@${tenant}.example`, `A customer of ${tenant}`, 'DE']);
        return (await db.query<{ email: string }>('select email from customers')).rows;
      });
      say(tenant === 'acme' ? 'query' : '', `${tenant} (${loaded.manifest.tenants[tenant]?.isolation}) sees ${customers.map(({ email }) => email).join(', ')}`);
    }
    await tenants.end();

    console.log('');
    say('terraform', `${OUT}/stacks/*/cdk.tf.json, plans in ${HOME}/rehearsal/plans`);
    say('evidence', file);
    say('log', `${join(HOME, 'postgres')}.log`);
    say('next', 'npx tenantry bootstrap apply --embedded --manifest ' + STACK);
    console.log(`\n  ${CONCLUSION[evidence.outcome]}   ${seconds(started)} in all\n`);
    return evidence.outcome === 'isolated' && second.changes.length === 0 && settled ? 0 : 1;
  } finally {
    await server.stop();
  }
}

/** Deploys staging with the real Terraform engine and a stand-in for AWS; the manifest is then the one that a deployment puts out. */
async function rehearseStaging(): Promise<{ loaded: LoadedManifest; settled: boolean }> {
  const since = Date.now();
  const outputs = join(HOME, 'outputs.json');
  try {
    const { terraform, stacks } = await rehearse({ dir: OUT, stack: 'staging-*', keep: join(HOME, 'rehearsal'), onApplied: (all) => writeFile(outputs, JSON.stringify(all, null, 2)) });
    const made = stacks.reduce((sum, { changes }) => sum + changes.length, 0);
    const settled = stacks.every(({ differs }) => differs.length === 0);
    say('rehearsal', `Terraform ${terraform} with a stand-in for AWS: ${made} objects made, second plan ${settled ? 'empty' : 'NOT EMPTY'}, all destroyed   ${seconds(since)}`);
    return { loaded: selectManifest(readManifests(await readFile(outputs, 'utf8'), outputs), undefined, outputs), settled };
  } catch (error) {
    if ((error as { code?: string }).code !== 'rehearsal/no-terraform') throw error;
    say('rehearsal', 'skipped: there is no terraform on the PATH; the manifest is that of the synthesized stack');
    return { loaded: selectManifest(readManifests(await readFile(STACK, 'utf8'), STACK), undefined, STACK), settled: true };
  }
}

function synthesize(): { stacks: number; resources: number } {
  const app = platform({ outdir: OUT });
  app.synth();
  const stacks = app.node.children.filter((child) => 'toTerraform' in child) as unknown as { toTerraform(): { resource?: Record<string, object> } }[];
  const resources = stacks.flatMap((stack) => Object.values(stack.toTerraform().resource ?? {}).map((ofType) => Object.keys(ofType).length));
  return { stacks: stacks.length, resources: resources.reduce((sum, n) => sum + n, 0) };
}

function sayEvidence({ summary: s, milliseconds, accepted }: Evidence): void {
  say('attack', `${s.attacks} attacks × ${s.tables} tables × ${s.roles} roles × ${s.modes} modes   ${(milliseconds / 1000).toFixed(1)} s`);
  say('', `${s.denied} denied, ${s.accepted} accepted, ${s.breached} breached, ${s.unknown} unknown, ${s.notApplicable} not applicable`);
  say('', `accepted, with reason and remedy in the evidence: ${accepted.map(({ attack }) => attack).slice(0, 6).join(', ')}${accepted.length > 6 ? ' …' : ''}`);
}

void main().then((code) => {
  process.exitCode = code;
});

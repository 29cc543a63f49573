import { recordVerification } from '../apply/ledger';
import { homeDatabase, maintainerRole } from '../../declaration/names';
import type { RoleDeclaration } from '../../declaration/schema';
import { contextOf } from '../../declaration/tenant-context';
import type { RoleKind } from '../../declaration/types-roles';
import type { LoadedManifest } from '../../manifest/read';
import { SERVER_VERSION } from '../catalog/minor-version';
import { type Situation, withSituation } from '../catalog/situation';
import type { ServerAccess } from '../connect/server-access';
import { accessOf } from '../model/access';
import { kindOf } from '../model/role-kinds';
import type { Place } from '../model/place';
import type { Difference } from '../plan/difference';
import { attackPlace } from './attack-place';
import { attackServer } from './attack-server';
import { type Choice, choose, fingerprintsOf } from './classes';
import { acceptedRisks, type AttackResult, type Evidence, outcomeOf, summarise } from './evidence';
import { readFacts } from './facts';
import { readServerFacts } from './server-facts';
import { pipelined, ProbeSession } from './session';

export interface VerifyOptions {
  readonly access: ServerAccess;
  readonly loaded: LoadedManifest;
  /** Told after each place that was attacked. */
  readonly onProgress?: (what: string) => void;
}

const DAY = 86_400_000;

/**
 * Tries to break the isolation of every place, as every role that works there, in transactions that are rolled back. An attack counts as
 * denied only when a control in the same transaction shows that it could have succeeded.
 */
export async function verify({ access, loaded, onProgress = () => undefined }: VerifyOptions): Promise<Evidence> {
  const started = Date.now();
  const { manifest } = loaded;
  // What an apply knew is no proof.
  return withSituation({ access, loaded, fullRead: true }, async (situation) => {
    const { declaration } = manifest;
    const server = await readServerFacts(situation.maintenance, situation.server, maintainerRole(declaration.name));
    const { attacked, classes } = await chooseFrom(situation, started);
    const results: AttackResult[] = [...pending(situation), ...await attackServer(await situation.connectTo('postgres'), { declaration, server })];
    let done = 0;
    for (const database of situation.databases) {
      const places = attacked.filter((candidate) => candidate.database === database).map(({ place }) => place);
      if (places.length === 0 || !situation.connections.has(database.name)) continue;
      const client = await situation.connectTo(database.name);
      const facts = await readFacts(client, database);
      const session = new ProbeSession(pipelined(client));
      for (const place of places) {
        results.push(...await attackPlace({ session, declaration, database, place, facts, server }));
        onProgress(`attacked ${place.database}.${place.schema}, ${done += 1} of ${attacked.length}`);
      }
      await client.end();
    }
    const summary = summarise(results);
    const evidence: Evidence = {
      format: 'tenantry/evidence@1', declaration: declaration.name, address: manifest.address, ...(loaded.cell === undefined ? {} : { cell: loaded.cell }), environment: manifest.environment, tenantContext: contextOf(declaration),
      server: serverEvidence(situation),
      startedAt: new Date(started).toISOString(), milliseconds: Date.now() - started, outcome: outcomeOf(summary), summary, accepted: acceptedRisks(results), access: accessCounts(situation), classes, results,
    };
    const home = situation.connections.get(homeDatabase(declaration.name));
    if (home !== undefined && situation.keepsVerifications) await recordVerification(home, situation.server.owner, evidence);
    return evidence;
  });
}

async function chooseFrom({ databases, connections }: Situation, now: number): Promise<Choice> {
  const candidates = databases.flatMap((database) => database.places.filter(({ kind, leaving }) => kind !== 'library' && leaving !== true).map((place) => ({ database, place })));
  const fingerprints = new Map<Place, string>();
  for (const database of databases) {
    const client = connections.get(database.name);
    if (client !== undefined) for (const [place, fingerprint] of await fingerprintsOf(client, database)) fingerprints.set(place, fingerprint);
  }
  return choose(candidates, fingerprints, Math.floor(now / DAY));
}

/** Kinds of objects that isolation rests on. */
const ACCESS = new Set(['role', 'membership', 'database', 'public schema', 'default privilege', 'schema', 'table', 'inheritance', 'row security', 'policy', 'grant', 'function', 'view', 'trigger', 'setting', SERVER_VERSION]);

/**
 * What differs from the declaration is not proved, also where every attack on what is there fails. Nor is anything while a refusal stands that
 * everything rests on: where the registry leads a tenant to the rows of another, each is kept to the wrong ones. One result for each object.
 */
function pending({ differences, databases, connections }: Situation): AttackResult[] {
  const open = differences.filter((difference) => difference.type !== 'finding' && (ACCESS.has(difference.kind) || (difference.type === 'refusal' && difference.blocking === true)));
  const missing = databases.filter(({ name }) => !connections.has(name)).map(({ name }) => name);
  const base = { attack: 'as-declared', verdict: 'unknown', expected: 'nothing to apply', control: 'the live catalog was compared with the declaration' } as const;
  return [
    ...missing.map((name): AttackResult => ({ ...base, mode: 'server', place: name, observed: 'no database', reason: `The database ${name} is not there, or lets nobody in.`, remedy: 'Apply first: tenantry bootstrap apply.' })),
    ...open.filter(({ target }) => !missing.includes(target)).map((difference): AttackResult => ({
      ...base, mode: modeOf(databases.flatMap(({ places }) => places), difference), place: difference.place === undefined ? difference.target : `${difference.target}.${difference.place}`,
      observed: difference.summary, reason: difference.kind === SERVER_VERSION ? `${difference.summary}.` : `The database is not as declared: ${difference.summary}.`, remedy: difference.type === 'refusal' ? difference.fix : 'Apply first: tenantry bootstrap apply.',
    })),
  ];
}

function modeOf(places: readonly Place[], { target, place }: Difference): AttackResult['mode'] {
  const kind = places.find(({ database, schema }) => database === target && schema === place)?.kind;
  return kind === undefined || kind === 'library' ? 'server' : kind;
}

function serverEvidence({ capabilities: { version, auroraVersion, login, loginIsSuperuser }, version: verdict }: Situation): Evidence['server'] {
  const { lifecycle, flaws, findings } = verdict;
  return {
    version, ...(auroraVersion === undefined ? {} : { auroraVersion }), login, loginIsSuperuser,
    minorVersion: { ...(lifecycle === undefined ? {} : { latestMinor: lifecycle.latestMinor, knownUntil: lifecycle.knownUntil }), flaws: flaws.map(({ cve }) => cve), findings },
  };
}

function accessCounts({ server, databases }: Situation): Evidence['access'] {
  const places = databases.flatMap((database) => database.places);
  const grants = places.flatMap((place) => place.tables.map((table) => accessOf(place, table)))
    .reduce((sum, { table, columns }) => sum + table.size + [...columns.values()].reduce((n, of) => n + of.size, 0), 0);
  const policies = places.reduce((sum, place) => {
    const has = (kind: RoleKind, scope: RoleDeclaration['scope']): number => (place.roles.some(({ declaration }) => kindOf(declaration) === kind && declaration.scope === scope) ? 1 : 0);
    return sum + place.tables.filter(({ tenancy }) => tenancy === 'tenant').length * (1 + 2 * has('application', 'tenant') + has('application', 'all') + has('backup', 'all') + has('support', 'all'));
  }, 0);
  return { roles: server.roles.size, grants, policies };
}

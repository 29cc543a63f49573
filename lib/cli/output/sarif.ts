import type { Evidence } from '../../bootstrap';
import { VERSION } from '../../bootstrap/version';
import { EXIT } from '../exit';
import { type FailedVerdict, groupsOf, MOST_OBJECTS, type ResultGroup } from './sarif-groups';
import { ruleIndexes, RULES } from './sarif-rules';
import { artifactUri, plain } from './sarif-text';

type Level = 'error' | 'note';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

/** `unknown` fails a verification as a breach does. */
const LEVEL: Readonly<Record<FailedVerdict, Level>> = { breached: 'error', unknown: 'error', accepted: 'note' };
const SAID: Readonly<Record<FailedVerdict, string>> = { breached: 'Breached', unknown: 'Not proved', accepted: 'Accepted' };

/**
 * The evidence of a verification as a SARIF 2.1.0 log, for code scanning: what failed and what is accepted, equal results as one. It is a pure function, and
 * holds no more than the evidence does.
 *
 * GitHub takes the subset of https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning: every result
 * needs a file of the repository, of which it reads the first location only, and `partialFingerprints`. A database has no file, so it is the manifest.
 *
 * @param manifest - what `--manifest` named
 */
export function sarifOf(evidence: Evidence, manifest: string) {
  const uri = artifactUri(manifest);
  const isolated = evidence.outcome === 'isolated';
  const { server, summary, classes } = evidence;
  return {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [{
      tool: { driver: { name: 'tenantry', version: VERSION, semanticVersion: VERSION, rules: RULES } },
      // With a slash at the end all of it is the category: uploads of another database or environment do not take the place of these.
      automationDetails: { id: `tenantry/${evidence.environment}/${evidence.address}/${evidence.cell === undefined ? '' : `${evidence.cell}/`}` },
      invocations: [{
        startTimeUtc: evidence.startedAt, endTimeUtc: new Date(Date.parse(evidence.startedAt) + evidence.milliseconds).toISOString(),
        executionSuccessful: true, exitCode: isolated ? EXIT.done : EXIT.refused, exitCodeDescription: isolated ? 'The isolation held.' : evidence.outcome === 'breached' ? 'The isolation is breached.' : 'The isolation is not proved.',
        toolExecutionNotifications: server.minorVersion.findings.map(({ code, summary }) => ({ level: 'note', descriptor: { id: code }, message: { text: plain(`${summary}.`) } })),
      }],
      results: groupsOf(evidence).map((group) => resultOf(group, uri)),
      properties: { declaration: evidence.declaration, environment: evidence.environment, serverVersion: server.version, outcome: evidence.outcome, summary, classes: classes.length },
    }],
  };
}

/** One log with a run for each server. A server that failed has one without results, which says so: what was found there before is not mended. */
export function sarifOfCells(cells: readonly { readonly server: string; readonly document?: object; readonly exitCode: number; readonly complaints?: readonly object[] }[]) {
  const logs = cells.flatMap(({ document }) => (document === undefined ? [] : [document as ReturnType<typeof sarifOf>]));
  return {
    $schema: SCHEMA, version: '2.1.0',
    runs: [
      ...logs.flatMap(({ runs }) => runs),
      ...cells.filter(({ document }) => document === undefined).map(({ server, exitCode, complaints = [] }) => ({
        tool: { driver: { name: 'tenantry', version: VERSION, semanticVersion: VERSION } },
        invocations: [{ executionSuccessful: false, exitCode, exitCodeDescription: `Server ${server} was not verified: ${plain(complaints.map((complaint) => (complaint as { problem?: string }).problem ?? '').join(' '))}` }],
      })),
    ],
  };
}

function resultOf(group: ResultGroup, uri: string) {
  const { attack, verdict, role, mode, occurrences, objects, tenantRoles, fingerprint, reasons, remedies } = group;
  return {
    ruleId: attack, ruleIndex: ruleIndexes.get(attack) ?? -1, level: LEVEL[verdict],
    message: { text: plain(messageOf(group)) },
    locations: objects.slice(0, MOST_OBJECTS).map(({ name, qualified, kind }) => ({
      physicalLocation: { artifactLocation: { uri }, region: { startLine: 1 } }, logicalLocations: [{ name, fullyQualifiedName: qualified, kind }],
    })),
    // The first is the one that GitHub reads. Where it is missing, GitHub makes it from the line of the file: all results of a rule would be one alert.
    partialFingerprints: { primaryLocationLineHash: `${fingerprint}:1`, 'isolation/v1': fingerprint },
    occurrenceCount: occurrences,
    properties: { verdict, mode, ...(role === undefined ? {} : { role }), ...(tenantRoles.length === 0 ? {} : { tenantRoles: tenantRoles.slice(0, MOST_OBJECTS) }), objects: objects.length, reasons, remedies },
  };
}

/** The first sentence stands alone where there is little room. */
function messageOf({ verdict, title, role, mode, objects, reasons, moreReasons, remedies }: ResultGroup): string {
  const [first, ...others] = objects;
  const where = first === undefined || (first.qualified === role && others.length === 0) ? '' : ` on ${first.qualified}${others.length === 0 ? '' : ` and ${others.length.toLocaleString('en-US')} more`}`;
  return [
    `${SAID[verdict]}: ${title}${role === undefined ? '' : `, as ${role}`}${where} (${mode}).`,
    ...reasons, ...(moreReasons === 0 ? [] : [`There are ${moreReasons.toLocaleString('en-US')} more such reasons in the evidence.`]),
    ...(remedies.length === 0 ? [] : [`Remedy: ${remedies.join(' ')}`]),
  ].join(' ');
}

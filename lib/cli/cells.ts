import { type CellOutcome, forEachCell, type ReachedCell } from '../bootstrap';
import { TenantryError } from '../core/errors';
import { json } from './documents';
import { EXIT, explain } from './exit';
import { colorsFor, type Streams } from './streams';
import { type TargetOptions, withCells } from './target';

/** What a command says of one server, whose text it has written itself. */
export interface CellReport {
  readonly code: number;
  /** What `--format json` or `--format sarif` prints. */
  readonly document: object;
}

/** What it says of all of them. */
export interface CellsReport extends CellReport {
  /** By server; where there is one alone, `document` is of that. */
  readonly cells: readonly CellDocument[];
}

interface CellDocument {
  readonly server: string;
  readonly tenant?: string;
  readonly exitCode: number;
  /** What `--format json` prints of a single server. @default - it failed, and `complaints` say why */
  readonly document?: object;
  readonly complaints?: readonly object[];
}

/** What outweighs what: something may be half done, something was refused, was not understood, differs. */
const WORST_FIRST: readonly number[] = [EXIT.failed, EXIT.refused, EXIT.usage, EXIT.differences];

/**
 * Runs a command on each server of a manifest, the home's first. Where no tenant has a server for itself, it is as if there were no cells: the document is that
 * of the one server, and errors are thrown. Else each has a heading, and one that fails is told with its name and hides none of the others.
 *
 * @param work - does it on one server, and writes its text where `--format text` is given
 */
export async function overCells(
  command: string, options: TargetOptions & { readonly format: string }, streams: Streams, work: (cell: ReachedCell, home: ReachedCell) => Promise<CellReport>,
): Promise<CellsReport> {
  return withCells(options, async ([home, ...others], asked) => {
    if (others.length === 0) return { ...await work(home, home), cells: [] };
    const outcomes = await forEachCell(asked([home, ...others]), async (cell) => {
      if (options.format === 'text') streams.out.write(`\n${colorsFor(streams).bold(headingOf(cell))}\n`);
      return work(cell, home).catch((error: unknown) => {
        streams.err.write(`${headingOf(cell)}:\n${explain(error).text}\n`);
        throw error;
      });
    });
    const cells = outcomes.map(documentOf);
    const code = WORST_FIRST.find((worst) => cells.some(({ exitCode }) => exitCode === worst)) ?? EXIT.done;
    return { code, cells, document: { format: 'tenantry/cells@1', command, cells } };
  });
}

const headingOf = ({ server, tenant }: ReachedCell): string => `server ${server}${tenant === undefined ? '' : ', of one tenant alone'}`;

function documentOf(outcome: CellOutcome<CellReport>): CellDocument {
  const { server, tenant } = outcome;
  const named = { server, ...(tenant === undefined ? {} : { tenant }) };
  if ('result' in outcome) return { ...named, exitCode: outcome.result.code, document: outcome.result.document };
  const { code, text } = explain(outcome.error);
  return { ...named, exitCode: code, complaints: TenantryError.is(outcome.error) ? outcome.error.complaints : [{ problem: text }] };
}

/** Fingerprints of the plans of several servers, as one text: what `--plan` finds in a file, and `--reviewed` takes. Undefined where one of them could not be planned. */
export function fingerprintOfCells(cells: readonly CellDocument[]): string | undefined {
  const found = cells.map(({ server, document }) => [server, (document as { fingerprint?: string } | undefined)?.fingerprint] as const);
  return found.every(([, fingerprint]) => fingerprint !== undefined) ? found.map(([server, fingerprint]) => `${server}=${fingerprint}`).join(',') : undefined;
}

/**
 * The fingerprint that was reviewed for one server.
 *
 * @throws TenantryError (`refused`) where its plan was not among those that were reviewed
 */
export function reviewedFor({ server }: Pick<ReachedCell, 'server'>, reviewed: string | undefined): string | undefined {
  if (reviewed === undefined) return undefined;
  const fingerprints = new Map(reviewed.split(',').map((entry) => entry.split('=') as [string, string | undefined]));
  if (!reviewed.includes('=')) return reviewed;
  const found = fingerprints.get(server);
  if (found !== undefined) return found;
  throw new TenantryError('refused', {
    code: 'apply/plan-changed', at: server, problem: `The plan that was reviewed does not speak of server ${server}. Nothing was changed there.`, fix: 'Make a new plan of all servers, have it reviewed, and apply that one.',
  });
}

export const printDocument = ({ document }: CellReport, streams: Streams): void => void streams.out.write(json(document));

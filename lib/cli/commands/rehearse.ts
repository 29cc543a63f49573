import { writeFile } from 'node:fs/promises';
import { TenantryError } from '../../core/errors';
import { shellWord } from '../../core/text';
import { prepareEnvironment, rehearse, type Until } from '../../rehearsal';
import { json } from '../documents';
import { EXIT } from '../exit';
import { rehearsalHead, rehearsalText } from '../output/rehearsal-text';
import { colorsFor, progressLine, type Streams } from '../streams';
import { bootstrapEmbedded } from './rehearse-bootstrap';

export interface RehearseCommandOptions {
  readonly app?: string;
  readonly dir?: string;
  readonly stack?: string;
  readonly until: Until;
  readonly store?: string;
  readonly keep?: string;
  readonly outputsFile?: string;
  readonly bootstrap?: 'embedded';
  readonly env?: boolean;
  readonly fail?: readonly string[];
  readonly timeout: number;
  readonly format: 'text' | 'json';
}

/** How to run `cdktf deploy` itself against the stand-in: everything is prepared in the folder, and the text is for a shell. */
async function rehearseEnvironment({ app, dir, keep }: RehearseCommandOptions, streams: Streams): Promise<number> {
  if (keep === undefined) throw new TenantryError('input', { code: 'rehearsal/keep', at: '--env', problem: 'cdktf deploy runs after this command has ended, so what it needs must lie in a folder that stays.', fix: 'Add --keep FOLDER.' });
  const { output, variables } = await prepareEnvironment(keep, { app, dir });
  streams.out.write([
    '# In this shell cdktf and Terraform meet a stand-in of the provider. Nothing reaches a cloud; state and objects lie in the folder.',
    ...Object.entries(variables).map(([name, value]) => `export ${name}=${shellWord(value)}`),
    `# npx cdktf deploy '*' --skip-synth --skip-provider-lock --auto-approve --output ${shellWord(output)} --outputs-file outputs.json`,
    `# npx cdktf destroy '*' --skip-synth --skip-provider-lock --auto-approve --output ${shellWord(output)}`, '',
  ].join('\n'));
  return EXIT.done;
}

/** What is written and bootstrapped comes from the outputs, which are there only after an apply. */
function refuseWithoutApply({ until, env, outputsFile, bootstrap }: RehearseCommandOptions): void {
  const asked = [...(outputsFile === undefined ? [] : ['--outputs-file']), ...(bootstrap === undefined ? [] : ['--bootstrap'])];
  const instead = env === true ? '--env' : until === 'validate' || until === 'plan' ? `--until ${until}` : undefined;
  if (asked.length > 0 && instead !== undefined) throw new TenantryError('input', { code: 'rehearsal/no-outputs', at: asked.join(' '), problem: `With ${instead} nothing is applied, so there are no outputs.`, fix: `Leave ${instead} out, or ${asked.join(' and ')}.` });
}

export async function rehearseCommand(options: RehearseCommandOptions, streams: Streams, signal?: AbortSignal): Promise<number> {
  refuseWithoutApply(options);
  if (options.env === true) return rehearseEnvironment(options, streams);
  const progress = progressLine(streams);
  const colors = colorsFor(streams);
  const { app, dir, stack, store, keep, until, timeout, fail: faults } = options;
  let bootstrapped = true;
  const report = await rehearse({
    app, dir, stack, store, keep, until, timeout, faults, signal,
    onStart: (head) => {
      if (options.format === 'text') streams.out.write(rehearsalHead(head, colors));
    },
    onStep: (name, step, ended) => progress.show(`  ${name}  ${step}${ended ? '' : ' …'}`),
    onApplied: async (outputs) => {
      progress.clear();
      if (options.outputsFile !== undefined) await writeFile(options.outputsFile, json(outputs));
      if (options.bootstrap === 'embedded') bootstrapped = await bootstrapEmbedded(outputs, streams, options.format);
    },
  }).finally(() => progress.clear());
  const differs = report.stacks.some((one) => one.differs.length > 0);
  streams.out.write(options.format === 'json'
    ? json({ format: 'tenantry/rehearsal@1', standIn: true, outcome: differs ? 'differences' : bootstrapped ? 'passed' : 'refused', until, ...report })
    : rehearsalText(report, colors));
  return differs ? EXIT.differences : bootstrapped ? EXIT.done : EXIT.refused;
}

import type { Complaint } from '../../core/errors';
import { listOf } from '../../core/text';
import { type Blocks, type SynthesizedStack } from '../run/application';
import { constructPathOf } from '../run/usage';

/** What Terraform says in `-json`. https://developer.hashicorp.com/terraform/cli/commands/validate#json-output-format */
export interface TerraformDiagnostic {
  readonly severity: 'error' | 'warning';
  readonly summary: string;
  readonly detail?: string;
  /** Of the resource, where it is about one. */
  readonly address?: string;
  readonly snippet?: { readonly context?: string | null };
}

/** A diagnostic in the user's terms: with the construct path instead of the address alone. */
export function complaintOf({ summary, detail = '', address, snippet }: TerraformDiagnostic, stack: SynthesizedStack, code: string): Complaint {
  const where = address ?? addressIn(snippet?.context ?? '') ?? protectedIn(detail) ?? importedIn(detail, stack);
  const path = where === undefined ? undefined : pathOfAddress(where, stack);
  const text = detail === '' ? cycleOf(summary, stack) : `${summary}: ${detail}`;
  return { code, at: path === undefined ? where ?? stack.constructPath : `${path} (${where})`, problem: text.trim() };
}

/** Terraform names the members of a cycle in any order. */
function cycleOf(summary: string, stack: SynthesizedStack): string {
  const [, members] = /^Cycle: (.*)$/s.exec(summary) ?? [];
  if (members === undefined) return summary;
  return `These refer to each other, so that none can be made first: ${listOf(members.split(', ').map((address) => pathOfAddress(address, stack) ?? address).sort())}.`;
}

/** `resource.aws_vpc.name`, as snippets name the block, is `aws_vpc.name`. */
function addressIn(context: string): string | undefined {
  const [, address] = /^(?:resource\.)?((?:data\.)?[a-z][a-z0-9]*_\w+\.[\w-]+|output\.[\w-]+)/.exec(context) ?? [];
  return address;
}

/** What must not be destroyed is named in the text alone. */
const protectedIn = (detail: string): string | undefined => /^Resource ([a-z]\w+\.[\w-]+)\S* has lifecycle\.prevent_destroy/.exec(detail)?.[1];

/** What cannot be imported is named by type and id. */
const importedIn = (detail: string, { configuration }: SynthesizedStack): string | undefined => configuration.import?.find(({ to, id }) => detail.includes(`${to.split('.')[0]} ${JSON.stringify(id)}`))?.to;

/** The construct path behind a Terraform address, such as `data.aws_region.Region[0]`; of what a module holds, that of the module. */
export function pathOfAddress(address: string, { configuration }: SynthesizedStack): string | undefined {
  const [, module] = /^module\.([^.[]+)/.exec(address) ?? [];
  if (module !== undefined) return constructPathOf(configuration.module?.[module]);
  if (address.startsWith('output.')) return pathOfOutput(address.slice('output.'.length), configuration['//']?.outputs);
  const [, data, type, name] = /^(data\.)?([^.]+)\.([^.[]+)/.exec(address) ?? [];
  const blocks: Blocks | undefined = data === undefined ? configuration.resource : configuration.data;
  return type === undefined || name === undefined ? undefined : constructPathOf(blocks?.[type]?.[name]);
}

/** The synthesizer lists outputs as a tree of construct ids. */
function pathOfOutput(name: string, tree: unknown): string | undefined {
  for (const [id, inner] of Object.entries((tree ?? {}) as Record<string, unknown>)) {
    if (inner === name) return id;
    const path = typeof inner === 'object' ? pathOfOutput(name, inner) : undefined;
    if (path !== undefined) return `${id}/${path}`;
  }
  return undefined;
}

import { type SynthesizedStack } from '../run/application';
import { pathOfAddress } from './diagnostics';

/** `move` and `import`: nothing else happens to the object. `forget`: it stays, and Terraform no longer knows it. */
export type PlannedAction = 'create' | 'update' | 'replace' | 'delete' | 'move' | 'import' | 'forget';

/** One object that a plan changes. */
export interface PlannedChange {
  readonly address: string;
  /** @default - the object is in the state only */
  readonly constructPath?: string;
  readonly action: PlannedAction;
  /** Attributes that differ. Of sensitive ones too only the name is given. */
  readonly attributes: readonly string[];
  /** Attributes whose change replaces the object. */
  readonly replacedBy: readonly string[];
  /** Address it had before. */
  readonly movedFrom?: string;
  /** Id under which it is taken over: it was there before, and Terraform did not know it. */
  readonly importedAs?: string;
}

interface PlanJson {
  readonly output_changes?: Readonly<Record<string, { readonly actions: readonly string[] }>>;
  readonly resource_changes?: readonly {
    readonly address: string;
    readonly mode: string;
    readonly previous_address?: string;
    readonly change: { readonly actions: readonly string[]; readonly before: unknown; readonly after: unknown; readonly after_unknown?: unknown; readonly importing?: { readonly id?: string } | null; readonly replace_paths?: readonly (readonly unknown[])[] };
  }[];
}

/** The changes of a plan, as `terraform show -json` prints it. Data that is read is no change. */
export function changesOf(plan: unknown, stack: SynthesizedStack): PlannedChange[] {
  return ((plan as PlanJson).resource_changes ?? []).flatMap(({ address, mode, previous_address, change }) => {
    const importedAs = change.importing?.id;
    const action = actionOf(change.actions) ?? (importedAs !== undefined ? 'import' : previous_address !== undefined ? 'move' : undefined);
    if (mode !== 'managed' || action === undefined) return [];
    const constructPath = pathOfAddress(address, stack);
    return [{
      address, action, ...(constructPath === undefined ? {} : { constructPath }),
      ...(previous_address === undefined ? {} : { movedFrom: previous_address }), ...(importedAs === undefined ? {} : { importedAs }),
      attributes: action === 'update' || action === 'replace' ? differing(change.before, change.after, change.after_unknown) : [],
      replacedBy: (change.replace_paths ?? []).map((path) => path.join('.')),
    }];
  });
}

/** Outputs that a plan changes. A deployment whose outputs change each time never comes to rest, as little as one whose objects do. */
export function outputChangesOf(plan: unknown, stack: SynthesizedStack): PlannedChange[] {
  return Object.entries((plan as PlanJson).output_changes ?? {}).flatMap(([name, { actions }]) => {
    const address = `output.${name}`;
    const action = actionOf(actions);
    const constructPath = pathOfAddress(address, stack);
    return action === undefined ? [] : [{ address, action, ...(constructPath === undefined ? {} : { constructPath }), attributes: ['value'], replacedBy: [] }];
  });
}

function actionOf(actions: readonly string[]): PlannedAction | undefined {
  if (actions.length === 2) return 'replace';
  const [action] = actions;
  return action === 'create' || action === 'update' || action === 'delete' || action === 'forget' ? action : undefined;
}

function differing(before: unknown, after: unknown, unknown: unknown): string[] {
  const [old, next, open] = [before, after, unknown].map((value) => (value ?? {}) as Record<string, unknown>) as [Record<string, unknown>, Record<string, unknown>, Record<string, unknown>];
  const holdsUnknown = (value: unknown): boolean => value === true || (typeof value === 'object' && value !== null && Object.values(value).some(holdsUnknown));
  return [...new Set([...Object.keys(old), ...Object.keys(next), ...Object.keys(open)])].filter((name) => holdsUnknown(open[name]) || JSON.stringify(old[name] ?? null) !== JSON.stringify(next[name] ?? null)).sort();
}

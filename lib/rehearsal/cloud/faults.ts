import { TenantryError } from '../../core/errors';
import type { Refusal } from '../provider/behaviour';

export type FaultAction = 'create' | 'update' | 'delete';

interface Fault {
  readonly action: FaultAction;
  readonly type: string;
  /** How many succeed before it strikes. */
  after: number;
}

const FORM = /^(\w+) (create|update|delete)(?: after (\d+))?$/;

/** Failures on purpose, each of which strikes once: `aws_rds_cluster create after 2` lets two be made and refuses the third. */
export class Faults {
  private readonly left: Fault[];

  /** @throws TenantryError (`input`) when one is not of the form `TYPE create|update|delete [after N]` */
  constructor(wanted: readonly string[]) {
    this.left = wanted.map((one) => {
      const [, type, action, after] = FORM.exec(one.trim()) ?? [];
      if (type === undefined || action === undefined) {
        throw new TenantryError('input', { code: 'rehearsal/fault', at: '--fail', problem: `${JSON.stringify(one)} is no failure that can be asked for.`, fix: 'Write TYPE create|update|delete [after N], for instance "aws_rds_cluster create after 2".' });
      }
      return { type, action: action as FaultAction, after: Number(after ?? 0) };
    });
  }

  /** Those that have not struck: nothing of the kind was done so often. */
  get unused(): readonly string[] {
    return this.left.map(({ type, action }) => `${type} ${action}`);
  }

  /** The failure of this step, if it is to fail. */
  strike(action: FaultAction, type: string): Refusal | undefined {
    const index = this.left.findIndex((fault) => fault.action === action && fault.type === type);
    const fault = this.left[index];
    if (fault === undefined) return undefined;
    if (fault.after > 0) {
      fault.after -= 1;
      return undefined;
    }
    this.left.splice(index, 1);
    return { summary: `${action} ${type}: failed on purpose`, detail: 'The rehearsal was told to let this step fail.' };
  }
}

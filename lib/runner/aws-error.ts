import { TenantryError } from '../core/errors';

/** Runs a call of AWS; what it answers instead of a result becomes an error that says what to do. */
export async function asked<T>(at: string, permission: string, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    const { name, message } = error as Error;
    throw new TenantryError('failed', {
      code: 'runner/aws', at, problem: `AWS refused ${permission}: ${name}: ${message}`,
      fix: /AccessDenied/.test(name) ? `Allow ${permission}; the policy BootstrapRunner.startPolicyArn allows all that is needed.` : 'Check region and credentials, and whether the runner is still deployed as its description says.',
    }, { cause: error });
  }
}

import { TenantryError } from './errors';

/**
 * Loads a package that is needed for AWS alone.
 *
 * @throws TenantryError (`input`) when it is not installed
 */
export async function optional<Module>(name: string): Promise<Module> {
  try {
    return (await import(name)) as Module;
  } catch (error) {
    throw new TenantryError('input', { code: 'connect/package', problem: `The package ${name} is needed to ask AWS, and it is not installed.`, fix: `npm install ${name}` }, { cause: error });
  }
}

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { App, type AppConfig } from 'cdktf';
import { Environment } from 'tenantry';
import { enforcePolicies } from 'tenantry/policies';
import { Data } from './data';
import { Foundation } from './foundation';

const FOLDER = join(__dirname, 'environments');

/** Every file is an environment. */
export const environments: readonly Environment[] = readdirSync(FOLDER).sort().map((file) => Environment.fromFile(join(FOLDER, file)));

/** The reference platform: a foundation and a data stack for each environment, judged by the policies. */
export function platform(config?: AppConfig): App {
  const app = new App(config);
  for (const environment of environments) {
    const foundation = new Foundation(app, { environment });
    new Data(app, { environment, foundation });
  }
  enforcePolicies(app);
  return app;
}

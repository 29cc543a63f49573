import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { shellWord } from '../../core/text';
import { type Certificate, selfSigned } from '../protocol/certificate';
import type { StandIn } from '../run/stand-ins';

/** What the executable of a stand-in reads when Terraform starts it. */
export interface PluginConfiguration {
  readonly provider: string;
  /** Folder from which the bindings are resolved. */
  readonly from: string;
  /** Where derived schemas are kept between its processes. */
  readonly cache: string;
  /** Objects that were made. */
  readonly objects: string;
  /** States of the stacks: a type that only a state holds needs a schema too. */
  readonly state: string;
  readonly certificate: Certificate;
}

export interface MirrorOptions {
  /** Where the mirror is written. */
  readonly folder: string;
  readonly standIns: readonly StandIn[];
  readonly from: string;
  readonly objects: string;
  readonly state: string;
}

/** How long the certificate of a mirror is valid. */
const DAYS = 30;

/**
 * Writes a filesystem mirror from which Terraform installs the stand-ins as it would install the providers, and the command line
 * configuration that names it. https://developer.hashicorp.com/terraform/cli/config/config-file#filesystem_mirror
 *
 * @returns path of the configuration, for TF_CLI_CONFIG_FILE
 */
export async function writeMirror({ folder, standIns, from, objects, state }: MirrorOptions): Promise<string> {
  const certificate = await selfSigned(DAYS);
  for (const { address, name, version } of standIns) {
    const place = join(resolve(folder), 'providers', address, version, `${process.platform}_${process.arch === 'x64' ? 'amd64' : process.arch}`);
    mkdirSync(place, { recursive: true });
    const settings = join(resolve(folder), `${name}.json`);
    const configuration: PluginConfiguration = { provider: name, from: resolve(from), cache: join(resolve(folder), 'schemas'), objects: resolve(objects), state: resolve(state), certificate };
    // It holds the key of the certificate.
    writeFileSync(settings, JSON.stringify(configuration), { mode: 0o600 });
    const executable = join(place, `terraform-provider-${name}_v${version}_x5`);
    writeFileSync(executable, `#!/bin/sh\nexec ${[process.execPath, ...loader(), MAIN, settings].map(shellWord).join(' ')}\n`);
    chmodSync(executable, 0o755);
  }
  const configuration = join(resolve(folder), 'terraform.rc');
  writeFileSync(configuration, `disable_checkpoint = true\nprovider_installation {\n  filesystem_mirror {\n    path    = ${JSON.stringify(join(resolve(folder), 'providers'))}\n    include = ["*/*/*"]\n  }\n}\n`);
  return configuration;
}

const SOURCE = __filename.endsWith('.ts');
const MAIN = join(__dirname, '..', 'protocol', SOURCE ? 'main.ts' : 'main.js');

/** From its sources, this module runs by a loader, which the processes need too. */
const loader = (): string[] => (SOURCE ? ['--require', require.resolve('tsx/cjs')] : []);

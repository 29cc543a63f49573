import { existsSync, readFileSync } from 'node:fs';
import { Store } from '../cloud/store';
import { Catalog } from '../provider/catalog';
import { StandInProvider } from '../provider/provider';
import { behaviourOf } from '../run/stand-ins';
import { usageOf } from '../run/usage';
import { typesInModules, typesInStates } from '../run/workspace';
import { Bindings } from '../schema/bindings';
import type { PluginConfiguration } from '../terraform/mirror';
import { servePlugin } from './plugin';

/* The program that Terraform starts from the mirror, in the folder of the stack. */
const { provider, from, cache, objects, state, certificate } = JSON.parse(readFileSync(process.argv[2] as string, 'utf8')) as PluginConfiguration;
const behaviour = behaviourOf(provider);
const configuration = existsSync('cdk.tf.json') ? (JSON.parse(readFileSync('cdk.tf.json', 'utf8')) as object) : {};
const usage = usageOf([{ name: 'stack', constructPath: 'stack', folder: '.', dependencies: [], warnings: [], configuration }], provider, [...typesInStates(state), ...typesInModules('.')]);
const catalog = new Catalog(Bindings.of(provider, { from, cache }), behaviour.knowledge, usage);
const store = new Store(objects);
void servePlugin(() => new StandInProvider({ catalog, behaviour, store }), certificate);

import { createHash } from 'node:crypto';
import type { Faults } from '../cloud/faults';
import type { Store } from '../cloud/store';
import type { AttributePath, Diagnostic, PathStep, ProviderService } from '../protocol/provider-service';
import { canonical, isObject, unwire, type Value, type ValueObject, wire } from '../protocol/values';
import type { BlockSchema } from '../schema/schema';
import { type Behaviour, type Configuration, isRefusal, type ObjectContext, type Refusal } from './behaviour';
import { type Catalog, wireSchema } from './catalog';
import { fillBlock } from './fill';
import { planBlock, replacedBy } from './plan';
import { missingArguments } from './required';
import { plain, shapeBlock } from './shape';
import { invalidArguments } from './validate';

export interface ProviderOptions {
  readonly catalog: Catalog;
  readonly behaviour: Behaviour;
  readonly store: Store;
  /** @default - nothing fails on purpose */
  readonly faults?: Faults;
  readonly environment?: NodeJS.ProcessEnv;
}

/** How often another id is tried before the service gives up. */
const ID_ATTEMPTS = 20;

/**
 * The stand-in for a provider, for one of its configurations. It answers Terraform's plugin protocol from the schemas of the bindings,
 * what is known beyond them, and a store of files.
 */
export class StandInProvider implements ProviderService {
  private configuration: Configuration = { region: 'us-east-1', values: {} };

  constructor(private readonly options: ProviderOptions) {}

  private get store(): Store {
    return this.options.store.of(this.configuration.account ?? '');
  }

  GetSchema(): ReturnType<ProviderService['GetSchema']> {
    const { catalog } = this.options;
    const schemas = (kind: 'resource' | 'data') => Object.fromEntries(catalog.types.flatMap((type) => {
      const found = catalog.find(kind, type);
      return found === undefined ? [] : [[type, wireSchema(found)]];
    }));
    return {
      provider: wireSchema(catalog.provider), resource_schemas: schemas('resource'), data_source_schemas: schemas('data'),
      server_capabilities: { plan_destroy: true, get_provider_schema_optional: true },
    };
  }

  PrepareProviderConfig: ProviderService['PrepareProviderConfig'] = ({ config }) => ({ prepared_config: config });

  Configure: ProviderService['Configure'] = ({ config }) => {
    const values = unwire(config);
    const configuration = this.options.behaviour.configure(isObject(values) ? values : {}, this.options.environment ?? process.env);
    if (isRefusal(configuration)) return { diagnostics: [diagnosticOf(configuration)] };
    this.configuration = configuration;
    return {};
  };

  ValidateResourceTypeConfig: ProviderService['ValidateResourceTypeConfig'] = ({ type_name, config }) => {
    const values = unwire(config);
    const { catalog, behaviour } = this.options;
    const schema = catalog.schema('resource', type_name);
    const missing = this.missing(schema, values);
    if (!isObject(values)) return { diagnostics: missing };
    const invalid = invalidArguments(schema, behaviour.knowledge[type_name], values).map(({ steps, ...fault }): Diagnostic => ({ severity: 1, ...fault, attribute: { steps } }));
    return { diagnostics: [...missing, ...invalid, ...behaviour.validate(type_name, values).map(diagnosticOf)] };
  };

  ValidateDataSourceConfig: ProviderService['ValidateDataSourceConfig'] = ({ type_name, config }) => ({ diagnostics: this.missing(this.options.catalog.schema('data', type_name), unwire(config)) });

  /** Old state is brought into the shape of the schema: the bindings say nothing of its versions. */
  UpgradeResourceState: ProviderService['UpgradeResourceState'] = ({ type_name, raw_state }) => ({
    upgraded_state: wire(shapeBlock(this.options.catalog.schema('resource', type_name), JSON.parse(Buffer.from(raw_state.json).toString('utf8')) as ValueObject)),
  });

  ReadResource: ProviderService['ReadResource'] = (request) => {
    const current = unwire(request.current_state);
    if (!isObject(current)) return { new_state: wire(null), private: request.private };
    const schema = this.options.catalog.schema('resource', request.type_name);
    const { region, type } = this.contextOf(request.type_name, current);
    const found = this.store.get(region, type, keyIn(request.private));
    return { new_state: wire(found === undefined ? null : shapeBlock(schema, found)), private: request.private };
  };

  PlanResourceChange: ProviderService['PlanResourceChange'] = (request) => {
    const proposed = unwire(request.proposed_new_state);
    // The private bytes hold the key in the store: without them the object could not be found when it is destroyed.
    if (!isObject(proposed)) return { planned_state: wire(null), planned_private: request.prior_private };
    const { catalog, behaviour } = this.options;
    const schema = catalog.schema('resource', request.type_name);
    const prior = asObject(unwire(request.prior_state));
    const config = asObject(unwire(request.config)) ?? {};
    const knowledge = behaviour.knowledge[request.type_name];
    const planned: Record<string, Value> = planBlock(schema, proposed, config, prior, knowledge);
    const more = behaviour.plan({ ...this.contextOf(request.type_name, planned), schema, prior, config, planned });
    if (isRefusal(more)) return { planned_state: wire(planned), planned_private: request.prior_private, diagnostics: [diagnosticOf(more)] };
    const replaced = prior === undefined ? [] : [...new Set([...replacedBy(schema, prior, planned, knowledge), ...more])];
    return { planned_state: wire(planned), requires_replace: replaced.map((name) => ({ steps: [{ attribute_name: name }] })), planned_private: request.prior_private };
  };

  ApplyResourceChange: ProviderService['ApplyResourceChange'] = (request) => {
    const prior = asObject(unwire(request.prior_state));
    const planned = asObject(unwire(request.planned_state));
    const context = this.contextOf(request.type_name, planned ?? prior ?? {});
    const action = planned === undefined ? 'delete' : prior === undefined ? 'create' : 'update';
    const fault = this.options.faults?.strike(action, request.type_name);
    const failed = (refusal: Refusal) => ({ new_state: prior === undefined ? wire(null) : wire(prior), private: request.planned_private, diagnostics: [diagnosticOf(refusal)] });
    if (fault !== undefined) return failed(fault);
    if (planned === undefined) {
      const refusal = this.destroy(context, prior ?? {}, keyIn(request.planned_private));
      return refusal === undefined ? { new_state: wire(null) } : failed(refusal);
    }
    if (prior !== undefined) return { new_state: wire(this.update(context, planned, prior, keyIn(request.planned_private))), private: request.planned_private };
    const made = this.create(context, planned);
    return isRefusal(made) ? failed(made) : { new_state: wire(made.object), private: privateOf(made.key) };
  };

  ImportResourceState: ProviderService['ImportResourceState'] = ({ type_name, id }) => {
    const schema = this.options.catalog.schema('resource', type_name);
    const { region } = this.contextOf(type_name, {});
    const found = this.store.get(region, type_name, id);
    if (found === undefined) return { diagnostics: [diagnosticOf({ summary: 'Cannot import non-existent remote object', detail: `There is no ${type_name} ${JSON.stringify(id)} in ${region}.` })] };
    return { imported_resources: [{ type_name, state: wire(shapeBlock(schema, found)), private: privateOf(id) }] };
  };

  ReadDataSource: ProviderService['ReadDataSource'] = ({ type_name, config }) => {
    const schema = this.options.catalog.schema('data', type_name);
    const values = asObject(unwire(config)) ?? {};
    const context = this.contextOf(type_name, values);
    const answer = this.options.behaviour.read({ ...context, config: values });
    if (isRefusal(answer)) return { diagnostics: [diagnosticOf(answer)] };
    if (answer !== undefined) return { state: wire(shapeBlock(schema, { ...answer, ...configured(values) })) };
    const planned = planBlock(schema, values, values, undefined);
    const state = fillBlock(schema, planned, (path, type) => this.options.behaviour.make({ ...context, planned, prior: undefined, seed: `data.${canonical(values)}` }, path, type));
    return { state: wire(state), diagnostics: [{ severity: 2, summary: `${type_name}: the answer is made up`, detail: 'The rehearsal has no rule for this data source. What it answers is a placeholder.' }] };
  };

  Stop: ProviderService['Stop'] = () => ({ Error: '' });

  private create(context: ObjectContext, planned: ValueObject): { object: ValueObject; key: string } | Refusal {
    const { options: { behaviour, catalog }, store } = this;
    const schema = catalog.schema('resource', context.type);
    const refusal = behaviour.beforeCreate({ ...context, object: planned });
    if (refusal !== undefined) return refusal;
    for (let attempt = 0; attempt < ID_ATTEMPTS; attempt++) {
      const seed = createHash('sha256').update(`${context.type} ${context.region} ${canonical(planned)} ${attempt}`).digest('hex');
      const object = fillBlock(schema, planned, (path, type) => behaviour.make({ ...context, planned, prior: undefined, seed }, path, type));
      const key = behaviour.keyOf({ ...context, object, seed });
      if (store.create(context.region, context.type, key, plain(object) as ValueObject)) return { object, key };
      if (!behaviour.inventsKey(context.type, planned)) return behaviour.taken({ ...context, object, key });
    }
    return { summary: `creating ${context.type}: no id is left`, detail: `${ID_ATTEMPTS} ids in a row are taken in ${context.region}.` };
  }

  private update(context: ObjectContext, planned: ValueObject, prior: ValueObject, key: string): ValueObject {
    const { options: { behaviour, catalog }, store } = this;
    const seed = createHash('sha256').update(`${context.type} ${key} ${canonical(planned)}`).digest('hex');
    const object = fillBlock(catalog.schema('resource', context.type), planned, (path, type) => behaviour.make({ ...context, planned, prior, seed }, path, type));
    store.replace(context.region, context.type, key, plain(object) as ValueObject);
    return object;
  }

  private destroy(context: ObjectContext, prior: ValueObject, key: string): Refusal | undefined {
    const { options: { behaviour }, store } = this;
    const refusal = behaviour.delete({ ...context, object: store.get(context.region, context.type, key) ?? prior });
    if (refusal === undefined) store.remove(context.region, context.type, key);
    return refusal;
  }

  private contextOf(type: string, object: ValueObject): ObjectContext {
    return { type, region: this.options.behaviour.regionOf(type, object, this.configuration), configuration: this.configuration, store: this.store };
  }

  private missing(schema: BlockSchema, values: Value): Diagnostic[] {
    return missingArguments(schema, values).map(({ name, steps }) => ({ severity: 1, summary: 'Missing required argument', detail: `The argument ${JSON.stringify(name)} is required, but it is null.`, attribute: { steps } }));
  }
}

/** What is set: Terraform wants it back unchanged. */
const configured = (values: ValueObject): ValueObject => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null && !(Array.isArray(value) && value.length === 0)));

const asObject = (value: Value): ValueObject | undefined => (isObject(value) ? value : undefined);
const privateOf = (key: string): Buffer => Buffer.from(JSON.stringify({ key }));
const keyIn = (bytes: Uint8Array): string => (bytes.length === 0 ? '' : (JSON.parse(Buffer.from(bytes).toString('utf8')) as { key: string }).key);

function diagnosticOf({ summary, detail, path }: Refusal): Diagnostic {
  return { severity: 1, summary, detail, ...(path === undefined ? {} : { attribute: attributeOf(path) }) };
}

/** Only the first step: the rest goes through blocks whose position is not known here. */
const attributeOf = (path: string): AttributePath => ({ steps: [{ attribute_name: path.split('.')[0] as string }] satisfies PathStep[] });

/*
 * The messages of Terraform's plugin protocol 5 that a provider needs, as a protobuf descriptor. Field numbers are those of
 * https://github.com/hashicorp/terraform/blob/v1.11.4/docs/plugin-protocol/tfplugin5.8.proto; only they, and the paths of the
 * methods, are on the wire. Fields that are not listed are skipped when read.
 */
type Field = readonly [id: number, type: string, rule?: 'repeated' | 'map'];

const message = (fields: Readonly<Record<string, Field>>, oneof?: readonly string[]) => ({
  fields: Object.fromEntries(Object.entries(fields).map(([name, [id, type, rule]]) => [name, {
    id, type, ...(rule === 'repeated' ? { rule: 'repeated' } : rule === 'map' ? { keyType: 'string' } : {}),
  }])),
  ...(oneof === undefined ? {} : { oneofs: { selector: { oneof: [...oneof] } } }),
});

const types = {
  Empty: message({}),
  DynamicValue: message({ msgpack: [1, 'bytes'], json: [2, 'bytes'] }),
  PathStep: message({ attribute_name: [1, 'string'], element_key_string: [2, 'string'], element_key_int: [3, 'int64'] }, ['attribute_name', 'element_key_string', 'element_key_int']),
  AttributePath: message({ steps: [1, 'PathStep', 'repeated'] }),
  Diagnostic: message({ severity: [1, 'int32'], summary: [2, 'string'], detail: [3, 'string'], attribute: [4, 'AttributePath'] }),
  RawState: message({ json: [1, 'bytes'] }),
  Attribute: message({
    name: [1, 'string'], type: [2, 'bytes'], description: [3, 'string'], required: [4, 'bool'], optional: [5, 'bool'], computed: [6, 'bool'], sensitive: [7, 'bool'], write_only: [10, 'bool'],
  }),
  NestedBlock: message({ type_name: [1, 'string'], block: [2, 'Block'], nesting: [3, 'int32'], min_items: [4, 'int64'], max_items: [5, 'int64'] }),
  Block: message({ version: [1, 'int64'], attributes: [2, 'Attribute', 'repeated'], block_types: [3, 'NestedBlock', 'repeated'] }),
  Schema: message({ version: [1, 'int64'], block: [2, 'Block'] }),
  ServerCapabilities: message({ plan_destroy: [1, 'bool'], get_provider_schema_optional: [2, 'bool'], move_resource_state: [3, 'bool'] }),
  Imported: message({ type_name: [1, 'string'], state: [2, 'DynamicValue'], private: [3, 'bytes'] }),
};

const diagnostics = (id: number): Readonly<Record<string, Field>> => ({ diagnostics: [id, 'Diagnostic', 'repeated'] });

/** The methods of the provider service: what is asked, what is answered. */
const methods: Readonly<Record<string, readonly [Readonly<Record<string, Field>>, Readonly<Record<string, Field>>]>> = {
  GetSchema: [{}, { provider: [1, 'Schema'], resource_schemas: [2, 'Schema', 'map'], data_source_schemas: [3, 'Schema', 'map'], ...diagnostics(4), server_capabilities: [6, 'ServerCapabilities'] }],
  PrepareProviderConfig: [{ config: [1, 'DynamicValue'] }, { prepared_config: [1, 'DynamicValue'], ...diagnostics(2) }],
  ValidateResourceTypeConfig: [{ type_name: [1, 'string'], config: [2, 'DynamicValue'] }, diagnostics(1)],
  ValidateDataSourceConfig: [{ type_name: [1, 'string'], config: [2, 'DynamicValue'] }, diagnostics(1)],
  UpgradeResourceState: [{ type_name: [1, 'string'], version: [2, 'int64'], raw_state: [3, 'RawState'] }, { upgraded_state: [1, 'DynamicValue'], ...diagnostics(2) }],
  Configure: [{ terraform_version: [1, 'string'], config: [2, 'DynamicValue'] }, diagnostics(1)],
  ReadResource: [{ type_name: [1, 'string'], current_state: [2, 'DynamicValue'], private: [3, 'bytes'] }, { new_state: [1, 'DynamicValue'], ...diagnostics(2), private: [3, 'bytes'] }],
  PlanResourceChange: [
    { type_name: [1, 'string'], prior_state: [2, 'DynamicValue'], proposed_new_state: [3, 'DynamicValue'], config: [4, 'DynamicValue'], prior_private: [5, 'bytes'] },
    { planned_state: [1, 'DynamicValue'], requires_replace: [2, 'AttributePath', 'repeated'], planned_private: [3, 'bytes'], ...diagnostics(4) },
  ],
  ApplyResourceChange: [
    { type_name: [1, 'string'], prior_state: [2, 'DynamicValue'], planned_state: [3, 'DynamicValue'], config: [4, 'DynamicValue'], planned_private: [5, 'bytes'] },
    { new_state: [1, 'DynamicValue'], private: [2, 'bytes'], ...diagnostics(3) },
  ],
  ImportResourceState: [{ type_name: [1, 'string'], id: [2, 'string'] }, { imported_resources: [1, 'Imported', 'repeated'], ...diagnostics(2) }],
  ReadDataSource: [{ type_name: [1, 'string'], config: [2, 'DynamicValue'] }, { state: [1, 'DynamicValue'], ...diagnostics(2) }],
  Stop: [{}, { Error: [1, 'string'] }],
};

const requests = Object.fromEntries(Object.entries(methods).flatMap(([name, [request, response]]) => [[`${name}Request`, message(request)], [`${name}Response`, message(response)]]));
const stream = { requestType: 'Empty', requestStream: true, responseType: 'Empty', responseStream: true };

/** The provider service, and the three that Terraform's plugin library opens beside it. */
export const DESCRIPTOR = {
  nested: {
    tfplugin5: {
      nested: {
        ...types, ...requests,
        Provider: { methods: Object.fromEntries(Object.keys(methods).map((name) => [name, { requestType: `${name}Request`, responseType: `${name}Response` }])) },
      },
    },
    plugin: {
      nested: {
        Empty: message({}),
        GRPCController: { methods: { Shutdown: { requestType: 'Empty', responseType: 'Empty' } } },
        GRPCBroker: { methods: { StartStream: stream } },
        GRPCStdio: { methods: { StreamStdio: { ...stream, requestStream: false } } },
      },
    },
  },
};

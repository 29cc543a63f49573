/** A value as Terraform sends it: msgpack in requests, JSON in old state. */
export interface DynamicValue {
  readonly msgpack?: Uint8Array;
  readonly json?: Uint8Array;
}

export type PathStep = { readonly attribute_name: string } | { readonly element_key_string: string } | { readonly element_key_int: number };
export interface AttributePath {
  readonly steps: readonly PathStep[];
}

/** What a provider tells about a configuration or a change. Severity 1 is an error, 2 a warning. */
export interface Diagnostic {
  readonly severity: 1 | 2;
  readonly summary: string;
  readonly detail: string;
  readonly attribute?: AttributePath;
}

export interface Diagnosed {
  readonly diagnostics?: readonly Diagnostic[];
}

interface OfType {
  readonly type_name: string;
}

export interface WireAttribute {
  readonly name: string;
  readonly type: Uint8Array;
  readonly required?: boolean;
  readonly optional?: boolean;
  readonly computed?: boolean;
  readonly sensitive?: boolean;
  readonly write_only?: boolean;
}
export interface WireBlock {
  readonly attributes: readonly WireAttribute[];
  readonly block_types: readonly { readonly type_name: string; readonly block: WireBlock; readonly nesting: number; readonly min_items: number; readonly max_items: number }[];
}
export interface WireSchema {
  readonly version: number;
  readonly block: WireBlock;
}

/** The methods that Terraform 1.11 calls of a provider, with the names of plugin protocol 5. */
export interface ProviderService {
  GetSchema(): Diagnosed & {
    readonly provider: WireSchema;
    readonly resource_schemas: Readonly<Record<string, WireSchema>>;
    readonly data_source_schemas: Readonly<Record<string, WireSchema>>;
    readonly server_capabilities: { readonly plan_destroy: boolean; readonly get_provider_schema_optional: boolean };
  };
  PrepareProviderConfig(request: { readonly config: DynamicValue }): Diagnosed & { readonly prepared_config: DynamicValue };
  Configure(request: { readonly terraform_version: string; readonly config: DynamicValue }): Diagnosed;
  ValidateResourceTypeConfig(request: OfType & { readonly config: DynamicValue }): Diagnosed;
  ValidateDataSourceConfig(request: OfType & { readonly config: DynamicValue }): Diagnosed;
  UpgradeResourceState(request: OfType & { readonly raw_state: { readonly json: Uint8Array } }): Diagnosed & { readonly upgraded_state: DynamicValue };
  ReadResource(request: OfType & { readonly current_state: DynamicValue; readonly private: Uint8Array }): Diagnosed & { readonly new_state: DynamicValue; readonly private: Uint8Array };
  PlanResourceChange(request: OfType & { readonly prior_state: DynamicValue; readonly proposed_new_state: DynamicValue; readonly config: DynamicValue; readonly prior_private: Uint8Array }): Diagnosed & {
    readonly planned_state: DynamicValue;
    readonly requires_replace?: readonly AttributePath[];
    readonly planned_private: Uint8Array;
  };
  ApplyResourceChange(request: OfType & { readonly prior_state: DynamicValue; readonly planned_state: DynamicValue; readonly config: DynamicValue; readonly planned_private: Uint8Array }): Diagnosed & {
    readonly new_state: DynamicValue;
    readonly private?: Uint8Array;
  };
  ImportResourceState(request: OfType & { readonly id: string }): Diagnosed & { readonly imported_resources?: readonly { readonly type_name: string; readonly state: DynamicValue; readonly private: Uint8Array }[] };
  ReadDataSource(request: OfType & { readonly config: DynamicValue }): Diagnosed & { readonly state?: DynamicValue };
  Stop(): { readonly Error: string };
}

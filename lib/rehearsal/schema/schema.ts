/** A type as Terraform writes it: `"string"`, `["list", "string"]`, `["object", { … }]`. */
export type TerraformType = 'string' | 'number' | 'bool' | 'dynamic' | readonly ['list' | 'set' | 'map', TerraformType] | readonly ['object', Readonly<Record<string, TerraformType>>];

/** An argument, or an attribute that only the provider sets. */
export interface AttributeSchema {
  readonly type: TerraformType;
  readonly required?: boolean;
  readonly optional?: boolean;
  /** The provider may set it. */
  readonly computed?: boolean;
  readonly sensitive?: boolean;
  /** Sent to the provider, never kept in a plan or state. */
  readonly writeOnly?: boolean;
}

export interface NestedBlockSchema {
  readonly nesting: 'single' | 'list' | 'set' | 'map';
  readonly minItems: number;
  /** 0 means any number. */
  readonly maxItems: number;
  readonly block: BlockSchema;
}

export interface BlockSchema {
  readonly attributes: Readonly<Record<string, AttributeSchema>>;
  readonly blocks: Readonly<Record<string, NestedBlockSchema>>;
}

export type SchemaKind = 'resource' | 'data' | 'provider';

/** What a class of the bindings says about one Terraform type. */
export interface TypeSchema {
  /** As Terraform names it, for instance `aws_rds_cluster`. */
  readonly type: string;
  readonly block: BlockSchema;
}

/** Whether a value of the type may hold a part whose type only the value knows. */
export const holdsDynamic = (type: TerraformType): boolean =>
  type === 'dynamic' || (Array.isArray(type) && (type[0] === 'object' ? Object.values(type[1] as Readonly<Record<string, TerraformType>>).some(holdsDynamic) : holdsDynamic(type[1] as TerraformType)));

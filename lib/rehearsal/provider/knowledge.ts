/** What is known of one argument that the bindings do not say. Paths of nested arguments are written with dots. */
export interface ArgumentKnowledge {
  /** A change replaces the object. */
  readonly forceNew?: boolean;
  /** The provider may set it when the configuration does not. */
  readonly optionalComputed?: boolean;
  /** What the provider puts in when the configuration does not. */
  readonly default?: boolean | number | string;
  readonly sensitive?: boolean;
  readonly writeOnly?: boolean;
  /** Of a list or set, like what follows down to `format`: what each element may be. */
  readonly enum?: readonly (string | number)[];
  /** Inclusive; nothing on a side that has no limit. */
  readonly range?: readonly [number | null, number | null];
  /** Values that are allowed beside the range. */
  readonly alsoAllowed?: readonly number[];
  /** Of a text, inclusive. */
  readonly length?: readonly [number | null, number | null];
  /** A regular expression. */
  readonly pattern?: string;
  readonly format?: 'json';
  /** A block that the provider asks for although its schema calls it optional, as types of the plugin framework do. */
  readonly required?: boolean;
  /** Of a block that the schema calls optional, and of an attribute: when there are any. */
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly conflictsWith?: readonly string[];
  /** Names the argument itself too, as `atLeastOneOf` does. */
  readonly exactlyOneOf?: readonly string[];
  readonly atLeastOneOf?: readonly string[];
  readonly requiredWith?: readonly string[];
}

/** What is known of one resource type. */
export interface TypeKnowledge {
  /** Where it was read: a file of the provider's source. */
  readonly source: string;
  /** Of the source. @default - not recorded */
  readonly commit?: string;
  /** By path. An argument that the bindings describe fully is not in it. */
  readonly args: Readonly<Record<string, ArgumentKnowledge>>;
}

/** What is known of the types of one provider. A type that is not in it is served by its schema alone. */
export type Knowledge = Readonly<Record<string, TypeKnowledge>>;

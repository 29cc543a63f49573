import type { Store, StoredObject } from '../cloud/store';
import type { Value, ValueObject } from '../protocol/values';
import type { BlockSchema, TerraformType } from '../schema/schema';
import type { Knowledge } from './knowledge';

/** A provider's configuration, as one alias has it. */
export interface Configuration {
  /** Where its objects lie when they do not say it themselves. */
  readonly region: string;
  /** Whose they are, where it names somebody: names that are taken in one account are free in another. */
  readonly account?: string;
  readonly values: ValueObject;
}

/** A refusal, in the words of the service. */
export interface Refusal {
  readonly summary: string;
  readonly detail: string;
  /** Argument that it is about, with dots. */
  readonly path?: string;
}

export interface ObjectContext {
  readonly type: string;
  readonly region: string;
  readonly configuration: Configuration;
  readonly store: Store;
}

export interface PlanContext extends ObjectContext {
  readonly schema: BlockSchema;
  readonly prior: ValueObject | undefined;
  readonly config: ValueObject;
  /** To be completed. */
  readonly planned: Record<string, Value>;
}

export interface MakeContext extends ObjectContext {
  readonly planned: ValueObject;
  /** Of an update. */
  readonly prior: ValueObject | undefined;
  /** Decides what is random. */
  readonly seed: string;
}

/** What a provider does beyond storing what it is given. All of it is optional knowledge: a type without any is stored under an invented id. */
export interface Behaviour {
  readonly knowledge: Knowledge;
  /** Reads the provider's configuration. @throws never: what is wrong is returned */
  configure(config: ValueObject, environment: NodeJS.ProcessEnv): Configuration | Refusal;
  /** Where an object lies. */
  regionOf(type: string, object: ValueObject, configuration: Configuration): string;
  /** Refuses a configuration for what the knowledge of its arguments cannot say. Unknown values are passed over. */
  validate(type: string, config: ValueObject): readonly Refusal[];
  /** Completes a planned object with what is known before the apply; returns the arguments whose change replaces it beyond those that the knowledge marks. */
  plan(context: PlanContext): readonly string[] | Refusal;
  /** The value of an attribute that the service sets. */
  make(context: MakeContext, path: string, type: TerraformType): Value;
  /** Under which name the object is stored: that of the service, so that a name which is taken is noticed. */
  keyOf(context: ObjectContext & { readonly object: ValueObject; readonly seed: string }): string;
  /** Whether the key is made up by the service: another one is tried when it is taken. */
  inventsKey(type: string, planned: ValueObject): boolean;
  beforeCreate(context: ObjectContext & { readonly object: ValueObject }): Refusal | undefined;
  /** What the service says when there is an object of this key. */
  taken(context: ObjectContext & { readonly object: ValueObject; readonly key: string }): Refusal;
  /** Refuses to delete an object, or removes what goes with it. The object itself is removed by the caller. */
  delete(context: ObjectContext & { readonly object: StoredObject }): Refusal | undefined;
  /** Attributes of a data source, or nothing where there is no rule for it. What the rule leaves out is null. */
  read(context: ObjectContext & { readonly config: ValueObject }): ValueObject | Refusal | undefined;
}

export const isRefusal = (value: object | undefined): value is Refusal => value !== undefined && !Array.isArray(value) && 'summary' in value && 'detail' in value;

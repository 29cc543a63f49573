import type { SchemaInput } from './types';
import type { FunctionInput, SequenceInput, TriggerInput, ViewInput } from './types-definitions';

type Declared<S extends SchemaInput, Part extends 'functions' | 'views' | 'sequences', Input> = S[Part] extends infer P extends NonNullable<S[Part]> ? P : Record<never, Input>;
type RoleName<S extends SchemaInput> = keyof S['roles'] & string;
type TriggerFunction<F> = { [Name in keyof F & string]: F[Name] extends { readonly returns: 'trigger' } ? Name : never }[keyof F & string];
type TriggersOf<T> = T extends { readonly triggers: infer X } ? X : Record<never, TriggerInput>;
type Only<Given, Known extends PropertyKey> = { readonly [K in Exclude<keyof Given, Known>]: never };

/** Functions, views and sequences whose roles are declared ones. */
export interface CheckedDefinitions<S extends SchemaInput> {
  readonly functions?: { readonly [F in keyof Declared<S, 'functions', FunctionInput>]: FunctionInput<RoleName<S>> & Only<Declared<S, 'functions', FunctionInput>[F], keyof FunctionInput> };
  readonly views?: { readonly [V in keyof Declared<S, 'views', ViewInput>]: ViewInput<RoleName<S>> & Only<Declared<S, 'views', ViewInput>[V], keyof ViewInput> };
  readonly sequences?: { readonly [Q in keyof Declared<S, 'sequences', SequenceInput>]: SequenceInput<RoleName<S>> & Only<Declared<S, 'sequences', SequenceInput>[Q], keyof SequenceInput> };
}

/** Triggers whose columns and functions are declared ones. */
export type CheckedTriggers<S extends SchemaInput, T extends keyof S['tables'] & string> = {
  readonly [X in keyof TriggersOf<S['tables'][T]>]: TriggerInput<keyof S['tables'][T]['columns'] & string, TriggerFunction<S['functions']>> & Only<TriggersOf<S['tables'][T]>[X], keyof TriggerInput>;
};

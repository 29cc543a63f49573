/** A value that AWS sets: a template (see `template.ts`), a constant, or a list or object of them. */
export type Computed = string | number | boolean | null | readonly Computed[] | { readonly [name: string]: Computed } | Depends | FromOther | Literal | Counter;

/** One value or another, by an argument of the object. */
export class Depends {
  constructor(readonly argument: string, readonly values: Readonly<Record<string, Computed>>, readonly otherwise: Computed) {}
}

/** What an object of another type in the store says, which an argument names. */
export class FromOther {
  constructor(readonly type: string, readonly key: string, readonly argument: string, readonly attribute: string, readonly otherwise: Computed | undefined) {}
}

/** A text with braces of its own. */
export class Literal {
  constructor(readonly text: string) {}
}

/** One more than the highest of the objects of the type that agree in an argument. */
export class Counter {
  constructor(readonly attribute: string, readonly argument: string) {}
}

/** A value when an argument is set and not false. */
export const when = (argument: string, then: Computed, otherwise: Computed): Depends => new Depends(argument, { '': then }, otherwise);
/** A value by what an argument is. */
export const by = (argument: string, values: Readonly<Record<string, Computed>>, otherwise: Computed): Depends => new Depends(argument, values, otherwise);
/** An attribute of the object of another type whose attribute `key` has the value of our argument, or its first. */
export const of = (type: string, key: string, argument: string, attribute: string, otherwise?: Computed): FromOther => new FromOther(type, key, argument, attribute, otherwise);

/** What AWS sets on an object of one type. */
export interface Identity {
  /** Under which id Terraform keeps it. */
  readonly id: string;
  /** Whether the id is made up by AWS, so that another one is tried when it is taken. */
  readonly invented?: true;
  /** What tells it from others of its type, and what it is imported by, where an attribute for that is set. @default - its id */
  readonly importAs?: string;
  /** Name that it gets when neither a name nor a prefix is given. @default - `terraform-` */
  readonly namePrefix?: string;
  /** By attribute. What is not in it is empty, or a text that shows that it is a placeholder. */
  readonly attributes?: Readonly<Record<string, Computed>>;
}

export type Identities = Readonly<Record<string, Identity>>;

type Attributes = Readonly<Record<string, Computed>>;
const withArn = (arn: string | undefined, more: Attributes): Attributes => ({ ...(arn === undefined ? {} : { arn }), ...more });

/** Its name is its id. */
export const named = (attribute: string, arn?: string, more: Attributes = {}): Identity => ({ id: `{${attribute}}`, attributes: withArn(arn, more) });
/** Its ARN, which holds its name, is its id. */
export const byArn = (arn: string, more: Attributes = {}): Identity => ({ id: arn, attributes: withArn('{id}', more) });
/** AWS makes up its id. */
export const invented = (id: string, arn?: string, more: Attributes = {}): Identity => ({ id, invented: true, attributes: withArn(arn, more) });
/** Of what stands in for nothing but a part of another object. */
export const part = (id: string, more: Attributes = {}): Identity => ({ id, attributes: more });

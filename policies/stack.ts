/** One resource, as the synthesized JSON has it. */
export interface StackResource {
  /** `aws_rds_cluster.Cluster_EB0386A7`. */
  readonly address: string;
  readonly type: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** What is known at synthesis about a value: the value, nothing because it was not given, or nothing because only Terraform will know. */
export type Known<T> = { readonly is: 'known'; readonly value: T } | { readonly is: 'absent' } | { readonly is: 'unknown'; readonly expression: string };

type Json = Readonly<Record<string, unknown>>;
const object = (value: unknown): Json => (typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Json : {});

/** `${aws_kms_key.Key_1.arn}`, with nothing around it. */
const REFERENCE = /^\$\{([a-z][a-z0-9_]*)\.([A-Za-z0-9_-]+)\.([a-z0-9_]+)\}$/;
/** `${data.terraform_remote_state.<name>.outputs.<output>}`, with nothing around it. */
const REMOTE = /^\$\{data\.terraform_remote_state\.([A-Za-z0-9_-]+)\.outputs\.([A-Za-z0-9_-]+)\}$/;
const REMOTE_NAME = 'cross-stack-reference-input-';

/** A synthesized stack that knows its neighbours, so that a reference into another stack can be followed. */
export class SynthesizedStack {
  readonly #json: Json;
  readonly #others: (name: string) => Json | undefined;

  /**
   * @param json - content of `cdk.tf.json`
   * @param others - the same of the other stacks of the app, by name
   */
  constructor(readonly name: string, json: unknown, others: (name: string) => unknown = () => undefined) {
    this.#json = object(json);
    this.#others = (other) => (others(other) === undefined ? undefined : object(others(other)));
  }

  /** All resources of some types; of all types when none is named. */
  resources(...types: readonly string[]): StackResource[] {
    return Object.entries(object(this.#json.resource)).filter(([type]) => types.length === 0 || types.includes(type)).flatMap(([type, named]) =>
      Object.entries(object(named)).map(([name, args]) => ({ address: `${type}.${name}`, type, arguments: object(args) })));
  }

  /** Configurations of a provider. */
  providers(name: string): Json[] {
    const configurations = object(this.#json.provider)[name];
    return (Array.isArray(configurations) ? configurations : configurations === undefined ? [] : [configurations]).map(object);
  }

  /** What is known about an argument. */
  known<T>(value: unknown): Known<T> {
    if (value === undefined || value === null) return { is: 'absent' };
    if (typeof value === 'string' && value.includes('${')) return { is: 'unknown', expression: value };
    return { is: 'known', value: value as T };
  }

  /** The resource whose attribute a reference names, here or in the stack that the reference comes from. */
  referenced(expression: string): StackResource | undefined {
    const here = REFERENCE.exec(expression);
    if (here !== null) return resourceIn(this.#json, here[1] as string, here[2] as string);
    const [, remote, output] = REMOTE.exec(expression) ?? [];
    if (remote?.startsWith(REMOTE_NAME) !== true) return undefined;
    const other = this.#others(remote.slice(REMOTE_NAME.length));
    const value = object(object(other?.output)[output as string]).value;
    const there = typeof value === 'string' ? REFERENCE.exec(value) : null;
    return there === null || other === undefined ? undefined : resourceIn(other, there[1] as string, there[2] as string);
  }

  /** Whether an argument names a resource, by its id, name or ARN. */
  refersTo(value: unknown, resource: StackResource): boolean {
    return typeof value === 'string' && this.referenced(value)?.address === resource.address;
  }
}

function resourceIn(json: Json, type: string, name: string): StackResource | undefined {
  const args = object(object(json.resource)[type])[name];
  return args === undefined ? undefined : { address: `${type}.${name}`, type, arguments: object(args) };
}

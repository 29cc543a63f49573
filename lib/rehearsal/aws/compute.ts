import { isObject, Unknown, type Value, type ValueObject } from '../protocol/values';
import type { TerraformType } from '../schema/schema';
import type { MakeContext } from '../provider/behaviour';
import { emptyOf } from '../provider/fill';
import { type Computed, Counter, Depends, FromOther, type Identity, Literal } from './identities/identity';
import { IDENTITIES } from './identities';
import type { Location } from './location';
import { fillTemplate, hex, uuid } from './template';

/** How far a value may lean on others. */
const DEPTH = 6;

const text = (value: Value | undefined): string | undefined => (typeof value === 'string' && value !== '' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined);

/** The values that AWS sets on one object: planned ones stay, others come from the table of identities. */
export class AwsObject {
  private readonly identity: Identity | undefined;

  constructor(private readonly context: MakeContext, private readonly location: Location) {
    this.identity = IDENTITIES[context.type];
  }

  /** Under which id Terraform keeps it, or nothing where no form of it is known. */
  get id(): string | undefined {
    return text(this.context.planned['id']) ?? (this.identity === undefined ? undefined : this.fill(this.identity.id, 0));
  }

  /** What tells it from others of its type, and what it is imported by. */
  get key(): string | undefined {
    return (this.identity?.importAs === undefined ? undefined : this.fill(this.identity.importAs, 0)) ?? this.id;
  }

  value(path: string, type: TerraformType): Value {
    if (path === 'id' && this.id !== undefined) return this.id;
    const computed = this.identity?.attributes?.[path];
    const made = computed === undefined ? undefined : this.render(computed, 0);
    if (made !== undefined) return fitted(type, made);
    if (type !== 'string') return emptyOf(type, '');
    // A name that was given has no prefix.
    if (path.endsWith('_prefix') && path.slice(0, -'_prefix'.length) in this.context.planned) return '';
    return this.generatedName(path) ?? this.placeholder(path);
  }

  private render(computed: Computed, depth: number): Value | undefined {
    if (typeof computed === 'string') return this.fill(computed, depth);
    if (computed === null || typeof computed !== 'object') return computed;
    if (computed instanceof Depends) return this.render(this.chosen(computed), depth);
    if (computed instanceof FromOther) return this.fromOther(computed, depth);
    if (computed instanceof Literal) return computed.text;
    if (computed instanceof Counter) return this.next(computed);
    if (Array.isArray(computed)) return (computed as readonly Computed[]).map((part) => this.render(part, depth) ?? null);
    return Object.fromEntries(Object.entries(computed as Readonly<Record<string, Computed>>).map(([name, part]) => [name, this.render(part, depth) ?? null]));
  }

  private chosen({ argument, values, otherwise }: Depends): Computed {
    const value = this.context.planned[argument];
    const key = text(value);
    if (key === undefined) return otherwise;
    if (Object.hasOwn(values, key)) return values[key] as Computed;
    return key !== 'false' && key !== '0' ? values[''] ?? otherwise : otherwise;
  }

  private fromOther({ type, key, argument, attribute, otherwise }: FromOther, depth: number): Value | undefined {
    const value = this.context.planned[argument];
    const [wanted] = Array.isArray(value) ? (value as readonly Value[]) : [value];
    const found = typeof wanted === 'string' ? this.context.store.list(type, this.context.region).find((object) => object[key] === wanted) : undefined;
    return found?.[attribute] ?? (otherwise === undefined ? undefined : this.render(otherwise, depth));
  }

  private next({ attribute, argument }: Counter): Value {
    const wanted = this.context.planned[argument];
    const numbers = this.context.store.list(this.context.type, this.context.region).filter((object) => object[argument] === wanted).map((object) => Number(object[attribute] ?? 0));
    return Math.max(0, ...numbers) + 1;
  }

  private fill(template: string, depth: number): string | undefined {
    if (depth > DEPTH) return undefined;
    return fillTemplate(template, { ...this.location, seed: this.context.seed, attribute: (name) => this.attribute(name, depth + 1) });
  }

  /** An attribute as text: as planned, as AWS makes it, or derived from others. */
  private attribute(name: string, depth: number): string | undefined {
    const { planned } = this.context;
    const planned_ = planned[name];
    const known = text(planned_);
    if (known !== undefined) return known;
    if (name === 'id') return this.identity === undefined ? undefined : this.fill(this.identity.id, depth);
    if (name in DERIVED) return DERIVED[name]?.(planned, this.context.seed, this.location, (other) => this.attribute(other, depth));
    const computed = this.identity?.attributes?.[name];
    if (computed !== undefined) return text(this.render(computed, depth));
    return planned_ instanceof Unknown ? this.generatedName(name) : undefined;
  }

  /** A name that the provider makes up: behind a prefix, or behind its own when there is neither. */
  private generatedName(name: string): string | undefined {
    const { planned, seed } = this.context;
    const prefixed = `${name}_prefix` in planned;
    if (!prefixed && name !== 'name') return undefined;
    return `${text(planned[`${name}_prefix`]) ?? this.identity?.namePrefix ?? 'terraform-'}${hex(seed, 26)}`;
  }

  /** In the form that AWS gives such attributes, and recognisable as made up. */
  private placeholder(path: string): string {
    const { type, seed } = this.context;
    const { region, account, partition } = this.location;
    const last = path.split('.').pop() as string;
    if (last === 'id') return uuid(seed + path);
    if (last === 'arn' || last.endsWith('_arn')) return `arn:${partition}:${type.split('_')[1] ?? 'aws'}:${region}:${account}:${type.split('_').slice(2).join('-')}/${uuid(seed + path)}`;
    return last === 'owner_id' || last === 'account_id' ? account : `${last.replaceAll('_', '-')}-${hex(seed + path, 12)}`;
  }
}

type Derive = (planned: ValueObject, seed: string, location: Location, attribute: (name: string) => string | undefined) => string | undefined;

/** Parts of templates that are no attribute. */
const DERIVED: Readonly<Record<string, Derive>> = {
  // https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html: the id of a multi-Region key begins with mrk-, and its replicas have the same.
  keyId: ({ multi_region }, seed) => (multi_region === true ? `mrk-${hex(seed, 32)}` : uuid(seed)),
  primaryKeyId: ({ primary_key_arn }, seed) => text(primary_key_arn)?.split('/').pop() ?? `mrk-${hex(seed, 32)}`,
  targetKeyArn: ({ target_key_id }, _seed, { region, account, partition }) => {
    const key = text(target_key_id);
    return key === undefined || key.startsWith('arn:') ? key : `arn:${partition}:kms:${region}:${account}:key/${key}`;
  },
  slashedName: (_planned, _seed, _location, attribute) => attribute('name')?.replace(/^\/?/, '/'),
  urlHost: ({ url }) => text(url)?.replace(/^https:\/\//, ''),
  clusterName: ({ cluster }) => text(cluster)?.split('/').pop() ?? 'default',
};

/** A value in the shape of a type: what it lacks is null. */
function fitted(type: TerraformType, value: Value): Value {
  if (value === null || typeof type === 'string') return type === 'string' && (typeof value === 'number' || typeof value === 'boolean') ? String(value) : value;
  if (type[0] === 'object') {
    const of = isObject(value) ? value : {};
    return Object.fromEntries(Object.entries(type[1]).map(([name, part]) => [name, of[name] === undefined ? null : fitted(part, of[name])]));
  }
  const element = type[1];
  if (Array.isArray(value)) return (value as readonly Value[]).map((part) => fitted(element, part));
  return isObject(value) ? Object.fromEntries(Object.entries(value).map(([name, part]) => [name, fitted(element, part)])) : value;
}

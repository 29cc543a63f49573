import { z } from 'zod';
import { refuse } from '../core/errors';
import { checkShape, choose, kind, number, raw, texts, words } from '../core/shape';
import { instanceSize, rdsStorage, serverlessRange } from '../engine/shape';
import type { AuroraTopology, Topology, TopologyKind } from './topology';

const one = (property: string): string => `Leave one of the two out: ${property}.`;

/** What excludes each other. Of one size, or of a range. */
const sizes = (context: z.core.ParsePayload<Partial<AuroraTopology>>): void => {
  const { instance, serverless, furtherReaders } = context.value;
  const add = (property: string, message: string, fix: string): number => context.issues.push({ code: 'custom', input: context.value, path: [property], message, params: { fix } });
  if (instance !== undefined && serverless !== undefined) add('instance', 'is given besides serverless: instances have one size, or a range', one('instance or serverless'));
  if (furtherReaders !== undefined && instance === undefined) add('furtherReaders', 'is given without instance: readers have a size of their own only where the writer has one', 'Give instance too, or leave furtherReaders out.');
};

const endpoint = z.strictObject({ members: texts.optional(), except: texts.optional() }).check((context) => {
  const { members, except } = context.value;
  if ((members === undefined) === (except === undefined)) context.issues.push({ code: 'custom', input: context.value, path: [], message: 'is not an endpoint: it has members, or except, and not both', params: { fix: "For instance { members: ['b'] }." } });
});

const aurora = z.strictObject({
  kind: z.unknown(), readers: number, instance: instanceSize.optional(), furtherReaders: instanceSize.optional(), serverless: serverlessRange.optional(), promotionOrder: texts.optional(),
  endpoints: z.record(z.string(), endpoint).optional(), storage: words(['standard', 'io-optimized']).optional(),
} satisfies Record<keyof AuroraTopology, z.ZodType>).check(sizes as (context: unknown) => void);

/** What a Multi-AZ DB cluster cannot have of storage is said by the rules, with the reason. */
const ofRds = z.strictObject({ kind: z.unknown(), instance: instanceSize, storage: rdsStorage });

const SHAPES: Readonly<Record<TopologyKind, z.ZodType>> = { 'aurora': aurora, 'multi-az-cluster': ofRds, 'multi-az-instance': ofRds, 'single': ofRds };

const none = kind<Topology>(() => false, 'is not a topology', (_given, code) => `For instance ${code(raw('Topology.aurora({ readers: 1 })'))}`);

const kindOf = (value: unknown): unknown => (typeof value === 'object' && value !== null ? (value as { readonly kind?: unknown }).kind : undefined);
const isKind = (value: unknown): value is TopologyKind => typeof value === 'string' && Object.hasOwn(SHAPES, value);

export const topologyShape = choose((value) => {
  const given = kindOf(value);
  return isKind(given) ? SHAPES[given] : none;
});

/** The topology, or an error that says what is not one. @param factory - for instance `Topology.aurora` */
export function shapedTopology<T extends Topology>(factory: string, topology: T): T {
  refuse(checkShape(topologyShape, topology, { module: 'ha-cluster', at: factory }));
  return topology;
}

import { Construct } from 'constructs';
import { z } from 'zod';
import { type Complaint, refuse } from '../core/errors';
import { checkShape, choose, duration, durationIn, flag, kind, number, raw, text, texts } from '../core/shape';
import { codeOf } from '../core/shown';
import type { DatabaseEngine } from '../engine/engine';
import { capacityTarget, databaseEngine, parameterValues } from '../engine/shape';
import { isNetworkSource } from '../network/source';
import type { HaClusterProps } from './ha-cluster-props';
import type { HaClusterObjectives } from './objectives';
import { scalingShape } from './scaling/shape';
import { topologyShape } from './topology-shape';

/** A construct with these members, which may be of another copy of the package, or of the user's. They are not read: that of an imported one may throw. */
const construct = <T>(is: string, code: string, ...members: readonly string[]): z.ZodType<T> =>
  kind<T>((value) => Construct.isConstruct(value) && members.every((member) => member in value), is, (_given, write) => `For instance ${write(raw(code))}`);

const objectives = z.strictObject({
  failoverWithin: duration.optional(), zoneLossRpo: duration.optional(), notifyWithin: duration.optional(), scalingInterruption: duration.optional(), latencyWithin: duration.optional(),
} satisfies Record<keyof HaClusterObjectives, z.ZodType>);

const source = kind(isNetworkSource, 'is not a source of connections', (given, code) => {
  const text = typeof given === 'string' ? given : '10.20.0.0/16';
  return `Say what it is:   ${code(raw(`NetworkSource.${text.startsWith('sg-') ? 'securityGroup' : 'cidr'}(${codeOf(text)})`))}`;
});

const isMaintenanceWindow = (value: unknown): boolean => typeof value === 'object' && value !== null && 'startMinute' in value && 'overlaps' in value;

const override = choose((value) => z.looseObject(typeof value === 'object' && value !== null && 'disabled' in value ? { disabled: text } : { threshold: number }));

const props = z.strictObject({
  network: construct('is not a DatabaseNetwork', "new DatabaseNetwork(this, 'Network')", 'subnetGroupName', 'zones', 'securityGroupId'),
  engine: databaseEngine,
  topology: topologyShape.optional(),
  objectives: objectives.optional(),
  target: capacityTarget.optional(),
  scaling: scalingShape.optional(),
  encryptionKey: construct('is not an EncryptionKey', "new EncryptionKey(this, 'Key')", 'encryptionKeyArn').optional(),
  backupRetention: durationIn('days', 7).optional(),
  maintenanceWindow: kind(isMaintenanceWindow, 'is not a MaintenanceWindow', (_given, code) => `For instance ${code(raw("MaintenanceWindow.weekly('sunday', '03:00')"))}`).optional(),
  backupWindow: text.optional(),
  minimumTls: text.optional(),
  parameters: parameterValues.optional(),
  port: number.optional(),
  sources: z.record(z.string(), source).optional(),
  admitsNetwork: flag.optional(),
  masterUsername: text.optional(),
  clusterIdentifier: text.optional(),
  allowMajorVersionUpgrade: flag.optional(),
  snapshotIdentifier: text.optional(),
  alerts: construct('is not an AlertChannel', "new AlertChannel(this, 'Alerts', { … })", 'topicArn').optional(),
  osMetrics: construct('is not an OsMetrics', "new OsMetrics(this, 'OsMetrics')", 'logGroupName').optional(),
  alarms: z.record(z.string(), override).optional(),
  dashboard: z.strictObject({ omit: texts.optional(), extraWidgets: z.array(z.looseObject({})).optional() }).optional(),
  runbooks: text.optional(),
} satisfies Record<keyof HaClusterProps, z.ZodType>);

/**
 * Refuses props that TypeScript would refuse, before anything reads them.
 *
 * @throws TenantryError (`input`) with every complaint
 */
export function checkProps(scope: Construct, given: unknown): void {
  const complaints: Complaint[] = checkShape(props, given, { module: 'ha-cluster', at: scope.node.path });
  const { engine, minimumTls } = (given ?? {}) as { readonly engine?: DatabaseEngine; readonly minimumTls?: unknown };
  if (typeof minimumTls === 'string' && databaseEngine.safeParse(engine).success) complaints.push(...(engine as DatabaseEngine).checkTls(minimumTls).map((complaint) => ({ at: scope.node.path, ...complaint })));
  refuse(complaints);
}

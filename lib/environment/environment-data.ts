import { z } from 'zod';
import { type Complaint, Complaints, TenantryError } from '../core/errors';
import { checkTags } from '../core/tags';
import { complaintsOf } from '../core/zod-complaints';
import { PROFILE_KEYS, type Profile, type ProfileKey, profileOf, PROFILES, STAGES } from './profile';

const REGION = /^[a-z]{2}(-[a-z]+)+-\d$/;
const label = z.string().regex(/^[a-z](-?[a-z0-9]){0,19}$/, { error: 'is not a short name: lower-case letters, digits and single hyphens, at most 20 characters with a letter in front' });
const region = z.string().regex(REGION, { error: 'is not the name of a region, such as eu-central-1' });
const tagText = z.string().min(1).max(256);

const s3State = z.strictObject({
  backend: z.literal('s3'),
  bucket: z.string().min(3).max(63),
  /** @default - the region of the environment */
  region: region.optional(),
  /** Key that encrypts the state. */
  kmsKeyArn: z.string().regex(/^arn:[^:]+:kms:[^:]+:\d{12}:key\/.+$/, { error: 'is not the ARN of a KMS key' }),
});

const LOG_RETENTIONS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];
/** Enhanced monitoring has 60 seconds too, which is too seldom here. Source: AWS, ModifyDBInstance, MonitoringInterval. */
const MONITORING_SECONDS = [1, 5, 10, 15, 30];
const INSIGHTS_RETENTIONS = [7, ...Array.from({ length: 23 }, (_, i) => (i + 1) * 31), 731];

const capacity = (min: number): z.ZodNumber => z.number().min(min).max(256).multipleOf(0.5);
const oneOf = (allowed: readonly number[], what: string): z.ZodType<number> => z.number().refine((days) => allowed.includes(days), { error: `is not ${what}: ${allowed.join(', ')}` });

const profileSchema = z.strictObject({
  readers: z.int().min(0).max(15),
  failoverSeconds: z.int().min(0),
  notifySeconds: z.int().min(0),
  monitoringSeconds: oneOf(MONITORING_SECONDS, 'an interval of enhanced monitoring up to 30 seconds'),
  minimumCapacity: capacity(0),
  maximumCapacity: capacity(1),
  deletionProtection: z.boolean(),
  finalSnapshot: z.boolean(),
  keepAutomatedBackups: z.boolean(),
  backupRetentionDays: z.int().min(1).max(35),
  logRetentionDays: oneOf(LOG_RETENTIONS, 'a retention that CloudWatch Logs offers'),
  keyDeletionDays: z.int().min(7).max(30),
  secretRecoveryDays: z.int().min(0).max(30).refine((days) => days === 0 || days >= 7, { error: 'is not a window that Secrets Manager offers: 0, or 7 to 30 days' }),
  insightsDays: oneOf(INSIGHTS_RETENTIONS, 'a retention that Performance Insights offers'),
  changesWait: z.boolean(),
  endpointZones: z.int().min(1).max(6),
} satisfies Record<ProfileKey, z.ZodType>).partial();

export const environmentSchema = z.strictObject({
  stage: z.enum(STAGES),
  name: label.optional(),
  platform: label,
  region,
  recoveryRegion: region.optional(),
  zones: z.array(z.string()).min(2).optional(),
  account: z.string().regex(/^\d{12}$/, { error: 'is not the number of an AWS account: 12 digits, as a text' }),
  owner: tagText,
  costCentre: tagText,
  state: z.discriminatedUnion('backend', [s3State, z.strictObject({ backend: z.literal('local') })]),
  profile: profileSchema.optional(),
  tags: z.record(z.string(), z.string()).optional(),
});

export type EnvironmentInput = z.input<typeof environmentSchema>;
export type EnvironmentData = Readonly<z.output<typeof environmentSchema>>;
export type StateBackend = EnvironmentData['state'];

/**
 * Checks the data of one environment.
 *
 * @throws TenantryError (`input`) with every complaint
 */
export function parseEnvironmentData(data: unknown, source: string): EnvironmentData {
  const parsed = environmentSchema.safeParse(data);
  if (!parsed.success) {
    throw new TenantryError('input', complaintsOf(parsed.error, data, {
      module: 'environment', at: (path) => (path === '' ? source : `${source}: ${path}`),
      properties: ([first]) => Object.keys(first === 'profile' ? profileSchema.shape : environmentSchema.shape),
    }));
  }
  const complaints = new Complaints();
  for (const complaint of check(parsed.data)) complaints.add({ ...complaint, at: `${source}: ${complaint.at}` });
  complaints.throwIfAny();
  return parsed.data;
}

function* check(data: EnvironmentData): Generator<Complaint & { at: string }> {
  if (data.recoveryRegion === data.region) {
    yield { code: 'environment/same-region', at: 'recoveryRegion', problem: `The recovery region is the region itself, ${data.region}; what takes down one would take down both.`, fix: 'Give another region, or leave it out.' };
  }
  if (data.stage === 'production' && data.state.backend === 'local') {
    yield { code: 'environment/local-state', at: 'state.backend', problem: 'State in a local file is neither shared, nor locked, nor encrypted, so production cannot use it.', fix: '"state": { "backend": "s3", "bucket": …, "kmsKeyArn": … }' };
  }
  for (const [i, zone] of (data.zones ?? []).entries()) {
    if (!new RegExp(`^${data.region}[a-p]$`).test(zone)) {
      yield { code: 'environment/zone', at: `zones.${i}`, problem: `${JSON.stringify(zone)} is not a zone of ${data.region}.`, fix: `Give zones such as "${data.region}a"; the ones of your account: aws ec2 describe-availability-zones --region ${data.region}` };
    } else if (data.zones?.indexOf(zone) !== i) {
      yield { code: 'environment/zone-twice', at: `zones.${i}`, problem: `${zone} is given twice.`, fix: 'Remove one.' };
    }
  }
  const profile = { ...profileOf(data.stage), ...data.profile };
  if (profile.minimumCapacity > profile.maximumCapacity) {
    yield { code: 'environment/capacity', at: 'profile.minimumCapacity', problem: `The smallest capacity, ${profile.minimumCapacity} ACU, is above the largest, ${profile.maximumCapacity} ACU.`, fix: 'Give profile.maximumCapacity too.' };
  }
  if (data.stage === 'production') yield* weaker(data.profile ?? {});
  for (const complaint of checkTags(data.tags ?? {}, 'tags')) yield { ...complaint, at: complaint.at ?? 'tags' };
}

/** Of these, less is stricter. */
const SECONDS: readonly ProfileKey[] = ['failoverSeconds', 'notifySeconds', 'monitoringSeconds'];
const SAFETY: readonly ProfileKey[] = PROFILE_KEYS.filter((key) => key !== 'minimumCapacity' && key !== 'maximumCapacity' && !SECONDS.includes(key));

/** In the table more is safer, so that production may have more of everything, and less of what is not about safety. */
function* weaker(profile: Partial<Profile>): Generator<Complaint & { at: string }> {
  for (const key of SAFETY) {
    const given = profile[key];
    const least = PROFILES[key].production;
    if (given !== undefined && given < least) {
      yield { code: 'environment/weaker-than-stage', at: `profile.${key}`, problem: `${key} is ${given}, and production has at least ${least}: ${PROFILES[key].meaning.toLowerCase()}.`, fix: 'Remove it; for something that may be lost, use stage "staging" or "development".' };
    }
  }
}

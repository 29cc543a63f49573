import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { TenantryError } from '../core/errors';
import type { RequiredTag } from '../core/tags';
import { type EnvironmentData, type EnvironmentInput, parseEnvironmentData, type StateBackend } from './environment-data';
import { type Profile, profileOf, type Stage } from './profile';

/** Regions where AWS does not offer the zones a, b and c to every account. */
const ZONE_LETTERS: Readonly<Record<string, string>> = { 'ap-northeast-1': 'acd', 'ca-central-1': 'abd', 'us-west-1': 'ac' };

/**
 * One environment of a platform: plain data, the same for every stack of it.
 *
 * What differs between the stages is the table in `profile.ts`, and nothing else.
 */
export class Environment {
  /** Reads the data of an environment from a JSON file. */
  static fromFile(path: string): Environment {
    let data: unknown;
    try {
      data = JSON.parse(readFileSync(path, 'utf8'));
    } catch (error) {
      throw new TenantryError('input', { code: 'environment/file', at: basename(path), problem: `The file cannot be read as JSON: ${(error as Error).message}.` }, { cause: error });
    }
    return Environment.parse(data, basename(path));
  }

  /**
   * Checks plain data.
   *
   * @param source - where the data comes from, for errors
   * @throws TenantryError (`input`) with every complaint
   */
  static parse(data: unknown, source = 'environment'): Environment {
    return new Environment(parseEnvironmentData(data, source));
  }

  /** The same from code, where the compiler knows the properties. */
  static of(data: EnvironmentInput): Environment {
    return Environment.parse(data);
  }

  readonly stage: Stage;
  /** Stands in front of the names of stacks and resources. */
  readonly name: string;
  readonly platform: string;
  readonly region: string;
  /** Where keys, and later replicas and backups, have their second home. */
  readonly recoveryRegion: string | undefined;
  /** Availability zones for networks, the writer's first. */
  readonly zones: readonly string[];
  readonly account: string;
  readonly owner: string;
  readonly costCentre: string;
  readonly state: StateBackend;
  /** The stage's values, with those that the environment gives itself. */
  readonly profile: Profile;
  /** What every resource is tagged with. */
  readonly tags: Readonly<Record<RequiredTag, string> & Record<string, string>>;

  private constructor(data: EnvironmentData) {
    this.stage = data.stage;
    this.name = data.name ?? data.stage;
    this.platform = data.platform;
    this.region = data.region;
    this.recoveryRegion = data.recoveryRegion;
    this.zones = data.zones ?? [...(ZONE_LETTERS[data.region] ?? 'abc')].map((letter) => `${data.region}${letter}`);
    this.account = data.account;
    this.owner = data.owner;
    this.costCentre = data.costCentre;
    this.state = data.state;
    this.profile = { ...profileOf(data.stage), ...data.profile };
    this.tags = {
      ...data.tags,
      'platform': this.platform,
      'environment': this.name,
      'stage': this.stage,
      'owner': this.owner,
      'cost-centre': this.costCentre,
      'managed-by': 'tenantry',
    };
  }

  /** `aws`, or the name of the separate partitions in China and for the government of the United States. */
  get partition(): string {
    if (this.region.startsWith('cn-')) return 'aws-cn';
    return this.region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
  }

  /** ARN of something in this account. */
  arn(service: string, resource: string, region = this.region): string {
    return `arn:${this.partition}:${service}:${region}:${this.account}:${resource}`;
  }
}

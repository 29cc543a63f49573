import type { IConstruct } from 'constructs';
import type { Severity } from './severity';

/** Where alarms and events go, by severity. */
export interface IAlertChannel extends IConstruct {
  /** ARN of the topic that takes what has this severity. */
  topicArn(severity: Severity): string;
}

/** Of topics that exist; one that is needed and was not given is an error that names it. */
export interface AlertChannelAttributes {
  /** @default - reading it throws */
  readonly criticalTopicArn?: string;
  /** @default - reading it throws */
  readonly warningTopicArn?: string;
  /** @default - reading it throws */
  readonly infoTopicArn?: string;
}

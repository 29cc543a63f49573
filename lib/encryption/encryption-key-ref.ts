import type { IConstruct } from 'constructs';

/** A customer-managed KMS key. */
export interface IEncryptionKey extends IConstruct {
  readonly encryptionKeyArn: string;
  /** ARN of the same key in the recovery region. */
  readonly recoveryKeyArn: string;
}

export interface EncryptionKeyAttributes {
  readonly encryptionKeyArn: string;
  /** @default - reading `recoveryKeyArn` throws */
  readonly recoveryKeyArn?: string;
}

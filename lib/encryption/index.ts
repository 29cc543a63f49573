export { EncryptionKey, type EncryptionKeyProps } from './encryption-key';
export type { EncryptionKeyAttributes, IEncryptionKey } from './encryption-key-ref';
export { KEY_SERVICES, type KeyService } from './key-policy';

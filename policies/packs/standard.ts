import type { Rule } from '../rule';
import { backupsRetained } from '../rules/backups-retained';
import { deletionProtected } from '../rules/deletion-protected';
import { engineSupported } from '../rules/engine-supported';
import { iamAuthentication } from '../rules/iam-authentication';
import { logsKept } from '../rules/logs-kept';
import { masterPasswordManaged } from '../rules/master-password-managed';
import { noOpenIngress } from '../rules/no-open-ingress';
import { noPublicAccess } from '../rules/no-public-access';
import { storageEncrypted } from '../rules/storage-encrypted';
import { tagsComplete } from '../rules/tags-complete';
import { tlsRequired } from '../rules/tls-required';

/** What every platform keeps. */
export const standard: readonly Rule[] = [
  backupsRetained, deletionProtected, engineSupported, iamAuthentication, logsKept, masterPasswordManaged, noOpenIngress, noPublicAccess, storageEncrypted, tagsComplete, tlsRequired,
];

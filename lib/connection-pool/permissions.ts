import { policyDocument } from '../construct/policy-document';
import type { Environment } from '../environment/environment';
import type { IHaCluster } from '../ha-cluster/ha-cluster-ref';
import type { PoolSecret } from './connection-pool-ref';

/** Without a condition on the account, as elsewhere: RDS Proxy knows no global condition keys. (AWS, Quotas and limitations for RDS Proxy.) */
export const TRUST_RDS = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { Service: 'rds.amazonaws.com' }, Action: 'sts:AssumeRole' }] });

/** The pool logs in by tokens of its own. */
export const logInStatements = (environment: Environment, { clusterResourceId }: IHaCluster, logins: readonly string[]): string => policyDocument({
  Sid: 'LogIn', Effect: 'Allow', Action: 'rds-db:connect', Resource: logins.map((login) => environment.arn('rds-db', `dbuser:${clusterResourceId}/${login}`)),
});

/** Exactly these secrets, and their keys for nothing else. A role without a policy document is none: until the first secret there is one that allows nothing. */
export function secretStatements({ region }: Environment, secrets: readonly PoolSecret[]): string {
  const keys = [...new Set(secrets.map(({ encryptionKey }) => encryptionKey.encryptionKeyArn))];
  if (secrets.length === 0) return policyDocument({ Sid: 'Nothing', Effect: 'Deny', Action: 'secretsmanager:GetSecretValue', Resource: '*' });
  return policyDocument(
    { Sid: 'ReadPasswords', Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: secrets.map(({ secretArn }) => secretArn) },
    { Sid: 'DecryptPasswords', Effect: 'Allow', Action: 'kms:Decrypt', Resource: keys, Condition: { StringEquals: { 'kms:ViaService': `secretsmanager.${region}.amazonaws.com` } } },
  );
}

import { CloudwatchLogDataProtectionPolicy } from '@cdktf/provider-aws/lib/cloudwatch-log-data-protection-policy';
import type { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import { Complaints } from '../core/errors';
import { EnvironmentStack } from '../environment/environment-stack';

/**
 * What is masked in the log of every database, as CloudWatch Logs names it: what is recognised by its own form, in any country.
 *
 * Left out on purpose:
 * - `IpAddress`: every line of a database's log begins with the client's, and an attack is traced by it
 * - `Name`, `Address` and whatever else is found by a word beside it: values of a statement stand far from the name of their column
 * - numbers of one country, such as `PhoneNumber-DE`: each is searched for wherever digits stand, so a platform names those that it stores
 *
 * Source: Amazon CloudWatch Logs User Guide, Types of data that you can protect.
 */
export const MASKED_IN_LOGS: readonly string[] = ['CreditCardNumber', 'EmailAddress', 'OpenSshPrivateKey', 'PgpPrivateKey', 'PkcsPrivateKey', 'PuttyPrivateKey'];

/** Version of the policy's language. */
const VERSION = '2021-06-01';
const IDENTIFIER = /^[A-Z][A-Za-z]+(-[A-Z]{2})?$/;

/**
 * Masks personal data in what a log group takes in from now on: for readers without `logs:Unmask`, and for metric and subscription filters.
 *
 * @param identifiers - more than {@link MASKED_IN_LOGS}, for instance `PhoneNumber-DE`
 */
export function protectLog(group: CloudwatchLogGroup, identifiers: readonly string[] = []): CloudwatchLogDataProtectionPolicy {
  const { partition } = EnvironmentStack.of(group).environment;
  const complaints = new Complaints();
  for (const identifier of identifiers.filter((one) => !IDENTIFIER.test(one))) {
    complaints.add({
      code: 'log-group/identifier', at: group.node.path,
      problem: `${JSON.stringify(identifier)} is no kind of data that CloudWatch Logs can mask: a name in English, and behind a hyphen two letters of a country where it has one.`,
      fix: "For instance 'PhoneNumber-DE'.",
      source: 'Amazon CloudWatch Logs User Guide, Types of data that you can protect',
    });
  }
  complaints.throwIfAny();
  const masked = [...new Set([...MASKED_IN_LOGS, ...identifiers])].sort().map((identifier) => `arn:${partition}:dataprotection::aws:data-identifier/${identifier}`);
  return new CloudwatchLogDataProtectionPolicy(group, 'DataProtection', {
    logGroupName: group.name,
    policyDocument: JSON.stringify({
      Name: 'tenantry',
      Version: VERSION,
      // Both lists have to be the same. Without a destination, findings are still counted: AWS/Logs, LogEventsWithFindings.
      Statement: [
        { Sid: 'find', DataIdentifier: masked, Operation: { Audit: { FindingsDestination: {} } } },
        { Sid: 'mask', DataIdentifier: masked, Operation: { Deidentify: { MaskConfig: {} } } },
      ],
    }),
  });
}

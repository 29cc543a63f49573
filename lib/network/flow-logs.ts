import { FlowLog } from '@cdktf/provider-aws/lib/flow-log';
import { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy';
import { Construct } from 'constructs';
import { logGroup } from '../construct/log-group';
import { policyDocument, trustService } from '../construct/policy-document';
import type { IEncryptionKey } from '../encryption/encryption-key-ref';
import { EnvironmentStack } from '../environment/environment-stack';
import { physicalName } from '../environment/physical-name';

/** Records who talked to whom in a network, refused attempts included. */
export class FlowLogs extends Construct {
  readonly resource: FlowLog;

  constructor(scope: Construct, id: string, { vpcId, key }: { readonly vpcId: string; readonly key: IEncryptionKey }) {
    super(scope, id);
    const { environment } = EnvironmentStack.of(this);
    const group = logGroup(this, 'LogGroup', `/aws/vpc/flow-logs/${physicalName(this, { max: 200 })}`, key);
    const role = new IamRole(this, 'Role', { name: physicalName(this, { max: 64 }), assumeRolePolicy: trustService('vpc-flow-logs.amazonaws.com', environment.account) });
    const policy = new IamRolePolicy(this, 'RolePolicy', {
      name: 'write-flow-logs',
      role: role.name,
      policy: policyDocument({ Sid: 'WriteFlowLogs', Effect: 'Allow', Action: ['logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'], Resource: `${group.arn}:*` }),
    });
    this.resource = new FlowLog(this, 'Resource', {
      vpcId, trafficType: 'ALL', logDestinationType: 'cloud-watch-logs', logDestination: group.arn, iamRoleArn: role.arn, dependsOn: [policy],
    });
  }
}

import { IamPolicy } from '@cdktf/provider-aws/lib/iam-policy';
import { Construct } from 'constructs';
import { policyDocument } from '../construct/policy-document';
import { EnvironmentStack } from '../environment/environment-stack';
import { physicalName } from '../environment/physical-name';
import type { IHaCluster } from '../ha-cluster/ha-cluster-ref';

export interface LoginPolicyProps {
  readonly cluster: IHaCluster;
  /** Role in the database. */
  readonly login: string;
}

/** Allows to log in as one role of one cluster, and nothing else. */
export class LoginPolicy extends Construct {
  readonly login: string;
  readonly policyArn: string;
  readonly resource: IamPolicy;

  constructor(scope: Construct, id: string, { cluster, login }: LoginPolicyProps) {
    super(scope, id);
    const { environment } = EnvironmentStack.of(this);
    this.login = login;
    this.resource = new IamPolicy(this, 'Resource', {
      name: physicalName(this, { max: 128 }),
      // It cannot be changed, and a policy that is attached cannot be replaced.
      description: `Log in as ${login}`,
      policy: policyDocument({ Sid: 'LogIn', Effect: 'Allow', Action: 'rds-db:connect', Resource: environment.arn('rds-db', `dbuser:${cluster.clusterResourceId}/${login}`) }),
    });
    this.policyArn = this.resource.arn;
  }
}

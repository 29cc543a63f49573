import { App, TerraformStack } from 'cdktf';
import { Construct } from 'constructs';
import { describe, expect, it } from 'vitest';
import { SsmParameter } from '@cdktf/provider-aws/lib/ssm-parameter';
import { EnvironmentStack, physicalName } from '../../lib/environment';
import { expectRefusal, synthesize, synthesizeStack, testApp, testEnvironment, testStack } from '../support/synth';

const TAGS = { 'platform': 'shop', 'environment': 'staging', 'stage': 'staging', 'owner': 'platform-team', 'cost-centre': '4711', 'managed-by': 'tenantry' };

describe('EnvironmentStack', () => {
  it('is named after environment and layer, pins Terraform and the provider, and keeps its state locked and encrypted in S3', () => {
    const stack = testStack();
    expect(stack.node.id).toBe('staging-data');
    expect(synthesizeStack(stack).json.terraform).toEqual({
      backend: { s3: { bucket: 'shop-state', key: 'shop/staging/data.tfstate', region: 'eu-central-1', encrypt: true, kms_key_id: 'arn:aws:kms:eu-central-1:123456789012:key/1', use_lockfile: true } },
      required_providers: { aws: { source: 'aws', version: '6.25.0' } },
      required_version: '>= 1.10.0',
    });
  });

  it('reaches its own account only, in the region and in the recovery region, and tags everything', () => {
    expect(synthesizeStack(testStack()).json.provider).toEqual({
      aws: [
        { region: 'eu-central-1', allowed_account_ids: ['123456789012'], default_tags: [{ tags: TAGS }] },
        { region: 'eu-west-1', alias: 'recovery', allowed_account_ids: ['123456789012'], default_tags: [{ tags: TAGS }] },
      ],
    });
  });

  it('has one provider without a recovery region', () => {
    const stack = testStack({ recoveryRegion: undefined });
    expect(stack.recoveryProvider).toBeUndefined();
    expect(synthesizeStack(stack).json.provider.aws).toHaveLength(1);
  });

  it('keeps a local state beside the output, by a path that holds nothing of the machine', () => {
    expect(synthesizeStack(testStack({ state: { backend: 'local' } })).json.terraform.backend).toEqual({ local: { path: '../../../terraform.staging-data.tfstate' } });
  });

  it('reads another stack of the same environment through its state', () => {
    const app = testApp();
    const environment = testEnvironment();
    const foundation = new EnvironmentStack(app, 'foundation', { environment });
    const source = new SsmParameter(foundation, 'Source', { name: 'a', type: 'String', value: 'b' });
    new SsmParameter(new EnvironmentStack(app, 'data', { environment }), 'Copy', { name: 'c', type: 'String', value: source.arn });
    const stacks = synthesize(app);
    expect(Object.keys(stacks['staging-foundation']?.json.output)).toEqual(['cross-stack-output-aws_ssm_parameterSourcearn']);
    expect(stacks['staging-data']?.json.data.terraform_remote_state['cross-stack-reference-input-staging-foundation'].config.key).toBe('shop/staging/foundation.tfstate');
  });

  it('is found from anything inside it', () => {
    const stack = testStack();
    expect(EnvironmentStack.of(new Construct(new Construct(stack, 'A'), 'B'))).toBe(stack);
  });

  it('says what is missing where there is none', () => {
    const construct = new Construct(new TerraformStack(new App({ outdir: testApp().outdir }), 'plain'), 'Thing');
    expectRefusal(() => EnvironmentStack.of(construct), 'environment/no-stack', `environment/no-stack  at plain/Thing

  This construct needs to know its environment, and no stack above it is an EnvironmentStack.

  const stack = new EnvironmentStack(app, 'data', { environment }); and give it as the scope.`);
  });
});

describe('physical names', () => {
  const stack = testStack();
  const deep = new Construct(new Construct(stack, 'TenantDatabase'), 'eu_West');

  it('are made of platform, environment, layer and ids', () => {
    expect(physicalName(deep, { max: 100 })).toBe('shop-staging-data-tenant-database-eu-west');
    expect(physicalName(deep, { max: 100, suffix: 'x' })).toBe('shop-staging-data-tenant-database-eu-west-x');
  });

  it('are cut with a hash of the whole, and stay different', () => {
    const [a, b] = ['one', 'two'].map((suffix) => physicalName(deep, { max: 30, suffix }));
    expect([a, b]).toEqual(['shop-staging-data-ten-855bc65f', expect.stringMatching(/^shop-staging-data-ten-[0-9a-f]{8}$/)]);
    expect(a).not.toBe(b);
    expect(a).toHaveLength(30);
  });
});

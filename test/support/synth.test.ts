import { SsmParameter } from '@cdktf/provider-aws/lib/ssm-parameter';
import { Annotations, App, LocalBackend, TerraformStack } from 'cdktf';
import { describe, expect, it } from 'vitest';
import { AwsProvider } from '@cdktf/provider-aws/lib/provider';
import { synthesize, synthesizeStack, testApp } from './synth';

/** Each of these hides a mistake when a test uses the framework's own helpers. */
describe('the only way in which tests synthesize', () => {
  const plain = (): TerraformStack => {
    const stack = new TerraformStack(testApp(), 'plain');
    new AwsProvider(stack, 'Aws', { region: 'x' });
    return stack;
  };

  it('runs validations', () => {
    const stack = plain();
    stack.node.addValidation({ validate: () => ['not valid'] });
    expect(() => synthesizeStack(stack)).toThrow('[plain] not valid');
    const app = testApp();
    app.node.addValidation({ validate: () => ['not valid either'] });
    expect(() => synthesize(app)).toThrow('not valid either');
  });

  it('fails on an error annotation', () => {
    const stack = plain();
    Annotations.of(stack).addError('annotated');
    expect(() => synthesizeStack(stack)).toThrow('[plain] annotated');
  });

  it('keeps references between stacks', () => {
    const one = plain();
    const two = new TerraformStack(App.of(one), 'two');
    new AwsProvider(two, 'Aws', { region: 'x' });
    new SsmParameter(two, 'Copy', { name: 'b', type: 'String', value: new SsmParameter(one, 'Source', { name: 'a', type: 'String', value: 'v' }).arn });
    const stacks = synthesize(App.of(one));
    expect(Object.keys(stacks.plain?.json.output)).toHaveLength(1);
    expect(Object.keys(stacks.two?.json.data.terraform_remote_state)).toHaveLength(1);
  });

  it('removes the path of the machine, and leaves a relative one', () => {
    expect(synthesizeStack(plain()).json.terraform.backend.local.path).toBe('terraform.plain.tfstate');
    const stack = plain();
    new LocalBackend(stack, { path: '../state' });
    expect(synthesizeStack(stack).json.terraform.backend.local.path).toBe('../state');
  });

  it('finds all resources of a type, and refuses to choose one', () => {
    const stack = plain();
    for (const name of ['a', 'b']) new SsmParameter(stack, name, { name, type: 'String', value: 'v' });
    const synthesized = synthesizeStack(stack);
    expect(synthesized.resources(SsmParameter).map(({ address }) => address)).toEqual(['aws_ssm_parameter.a', 'aws_ssm_parameter.b']);
    expect(() => synthesized.resource(SsmParameter)).toThrow('one aws_ssm_parameter is expected, and there are: aws_ssm_parameter.a, aws_ssm_parameter.b');
  });
});

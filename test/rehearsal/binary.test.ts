import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Terraform } from '../../lib/rehearsal/terraform/terraform';
import { freshFolder } from '../support/fresh-folder';

afterEach(() => {
  delete process.env['TERRAFORM_BINARY_NAME'];
  delete process.env['TF_VAR_size'];
});

/** A program that answers `version` with the first text, and does whatever the second says. */
function program(version: string, otherwise = 'exit 1'): string {
  const file = join(freshFolder('program'), 'terraform');
  writeFileSync(file, `#!/bin/sh\nif [ "$1" = version ]; then echo '${version}'; exit 0; fi\n${otherwise}\n`);
  chmodSync(file, 0o755);
  process.env['TERRAFORM_BINARY_NAME'] = file;
  return file;
}
const find = (): Promise<Terraform> => Terraform.find({ environment: {}, timeout: 10_000 });
const FIX = 'Install Terraform 1.10 or later (https://developer.hashicorp.com/terraform/install), or name another binary with TERRAFORM_BINARY_NAME.';

describe('the program that is run', () => {
  it('is refused when it is too old, cannot be started, or is something else', async () => {
    const old = program('{"terraform_version":"1.9.8"}');
    await expect(find()).rejects.toThrow(`rehearsal/old-terraform  at ${old}\n\n  This is Terraform 1.9.8, and a rehearsal needs 1.10 or later.\n\n  ${FIX}`);
    const other = program('no version is set');
    await expect(find()).rejects.toThrow(`rehearsal/no-terraform  at ${other}\n\n  ${other} version -json does not answer as Terraform does.\n\n  ${FIX}`);
    process.env['TERRAFORM_BINARY_NAME'] = freshFolder('no program');
    await expect(find()).rejects.toThrow('rehearsal/no-terraform');
  });

  it('may print a character in two parts', async () => {
    program('{"terraform_version":"1.11.4"}', String.raw`printf '\303'; sleep 0.3; printf '\274'`);
    expect((await (await find()).run('.', ['show'])).stdout).toBe('ü');
  });

  it("gets the values of the stacks' variables from the environment, and no other setting of Terraform", async () => {
    process.env['TF_VAR_size'] = 'large';
    process.env['TF_WORKSPACE'] = 'mine';
    try {
      program('{"terraform_version":"1.11.4"}', 'echo "$TF_VAR_size $TF_WORKSPACE"');
      expect((await (await find()).run('.', ['show'])).stdout).toBe('large \n');
    } finally {
      delete process.env['TF_WORKSPACE'];
    }
  });
});

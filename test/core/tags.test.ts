import { describe, expect, it } from 'vitest';
import { checkTags } from '../../lib/core/tags';

describe('tags', () => {
  it('takes what AWS takes', () => {
    expect(checkTags({ team: 'Zoë & co'.replace('&', '+'), 'a:b/c=d@e': 'x', empty: '' }, 'tags')).toEqual([]);
  });

  it('refuses what AWS refuses, and what would hide a required tag', () => {
    expect(checkTags({ owner: 'me', 'aws:x': '1', 'a\nb': '1', v: 'a<b' }, 'tags').map(({ code, at, problem }) => ({ code, at, problem }))).toEqual([
      { code: 'tags/required', at: 'tags.owner', problem: 'The tags platform, environment, stage, owner, cost-centre and managed-by come from the environment; one of them cannot be given again.' },
      { code: 'tags/key', at: 'tags.aws:x', problem: '"aws:x" cannot be the key of a tag: 1 to 128 letters, digits, spaces and _ . : / = + - @ are allowed, and "aws:" in front is reserved.' },
      { code: 'tags/key', at: 'tags.a\nb', problem: '"a\\nb" cannot be the key of a tag: 1 to 128 letters, digits, spaces and _ . : / = + - @ are allowed, and "aws:" in front is reserved.' },
      { code: 'tags/value', at: 'tags.v', problem: '"a<b" cannot be the value of a tag: at most 256 letters, digits, spaces and _ . : / = + - @ are allowed.' },
    ]);
  });
});

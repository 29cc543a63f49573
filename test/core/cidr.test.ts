import { describe, expect, it } from 'vitest';
import { ipv6Prefix, parseIpv4Block, subnetBlock } from '../../lib/core/cidr';

describe('networks', () => {
  it.each(['10.0.0.0/16', '0.0.0.0/0', '192.168.1.128/25', '255.255.255.255/32'])('%s is one', (text) => {
    expect(parseIpv4Block(text)).toBeDefined();
  });

  it.each(['10.0.0.1/16', '10.0.0.0', '10.0.0.0/33', '256.0.0.0/8', '10.0.0/16', 'a.b.c.d/8', ''])('%j is none', (text) => {
    expect(parseIpv4Block(text)).toBeUndefined();
  });

  it.each([['::/0', 0], ['fd00::/8', 8], ['2001:db8::/32', 32], ['::1/128', 128]] as const)('%s has the prefix %d', (text, prefix) => {
    expect(ipv6Prefix(text)).toBe(prefix);
  });

  it.each(['::/129', '10.0.0.0/8', 'fd00::', 'x::/8'])('%j is no IPv6 network', (text) => {
    expect(ipv6Prefix(text)).toBeUndefined();
  });

  it.each(['10.0.0.0/16', '172.16.0.0/20', '192.168.255.0/24'])('the 16 blocks of %s fill it without a gap and without overlap', (text) => {
    const whole = parseIpv4Block(text);
    if (whole === undefined) throw new Error(text);
    const blocks = Array.from({ length: 16 }, (_, i) => parseIpv4Block(subnetBlock(whole, 4, i)));
    let next = whole.base;
    for (const block of blocks) {
      expect(block).toEqual({ base: next, prefix: whole.prefix + 4 });
      next += 2 ** (32 - whole.prefix - 4);
    }
    expect(next).toBe(whole.base + 2 ** (32 - whole.prefix));
  });
});

/** A block of IPv4 addresses. */
export interface Ipv4Block {
  /** First address as a number. */
  readonly base: number;
  /** Bits of the network, 0 to 32. */
  readonly prefix: number;
}

/** Reads `10.0.0.0/16`; undefined when it is none, or when bits behind the prefix are set. */
export function parseIpv4Block(text: string): Ipv4Block | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  if (match === null) return undefined;
  const [a, b, c, d, prefix] = match.slice(1).map(Number) as [number, number, number, number, number];
  if ([a, b, c, d].some((byte) => byte > 255) || prefix > 32) return undefined;
  const base = a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d;
  return base % 2 ** (32 - prefix) === 0 ? { base, prefix } : undefined;
}

/** Prefix length of an IPv6 block; undefined when it is none. */
export function ipv6Prefix(text: string): number | undefined {
  const match = /^[0-9a-f:]*:[0-9a-f:]*\/(\d{1,3})$/i.exec(text);
  return match === null || Number(match[1]) > 128 ? undefined : Number(match[1]);
}

/** The `index`th of the equal blocks that a block is cut into by `bits` more bits of network. */
export function subnetBlock(block: Ipv4Block, bits: number, index: number): string {
  const prefix = block.prefix + bits;
  const base = block.base + index * 2 ** (32 - prefix);
  const bytes = [24, 16, 8, 0].map((shift) => Math.floor(base / 2 ** shift) % 256);
  return `${bytes.join('.')}/${prefix}`;
}

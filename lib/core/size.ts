import { checkAmount } from './amount';

const MARK = Symbol.for('tenantry/Size');

/** An amount of memory or storage that carries its unit; powers of 1024, as AWS counts both. */
export class Size {
  static mebibytes(amount: number): Size {
    return new Size(amount, 'mebibyte');
  }

  static gibibytes(amount: number): Size {
    return new Size(amount, 'gibibyte');
  }

  static tebibytes(amount: number): Size {
    return new Size(amount, 'tebibyte');
  }

  /** Tells one even when two copies of the package are loaded. */
  static isSize(x: unknown): x is Size {
    return typeof x === 'object' && x !== null && MARK in x;
  }

  private constructor(readonly amount: number, readonly unit: Unit) {
    checkAmount('core/size', `Size.${unit}s`, amount);
    Object.defineProperty(this, MARK, { value: true });
  }

  toBytes(): number {
    return this.amount * BYTES[this.unit];
  }

  /** May hold a fraction. */
  toGibibytes(): number {
    return this.toBytes() / BYTES.gibibyte;
  }

  isSmallerThan(other: Size): boolean {
    return this.toBytes() < other.toBytes();
  }

  /** `10 TiB`: as it was written. */
  toString(): string {
    return `${this.amount.toLocaleString('en-US')} ${SYMBOLS[this.unit]}`;
  }

  /** `Size.tebibytes(10)`: what a user types. */
  toCode(): string {
    return `Size.${this.unit}s(${this.amount})`;
  }
}

type Unit = keyof typeof BYTES;

const BYTES = { mebibyte: 1024 ** 2, gibibyte: 1024 ** 3, tebibyte: 1024 ** 4 } as const;
const SYMBOLS = { mebibyte: 'MiB', gibibyte: 'GiB', tebibyte: 'TiB' } as const;

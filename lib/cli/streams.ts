import { createColors } from 'picocolors';

/** Where a command writes: results to `out`, everything else to `err`. */
export interface Streams {
  readonly out: { write(text: string): unknown; readonly isTTY?: boolean };
  readonly err: { write(text: string): unknown; readonly isTTY?: boolean };
  readonly env: NodeJS.ProcessEnv;
}

export type Colors = ReturnType<typeof createColors>;

/** Colours on a terminal, unless NO_COLOR is set to anything. */
export const colorsFor = ({ out, env }: Streams): Colors => createColors(out.isTTY === true && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb');

/** One line that is overwritten, on a terminal only. */
export function progressLine({ err }: Streams): { show(text: string): void; clear(): void } {
  if (err.isTTY !== true) return { show: () => undefined, clear: () => undefined };
  const write = (text: string): void => void err.write(`\r\u001b[2K${text.slice(0, 100)}`);
  return { show: write, clear: () => write('') };
}

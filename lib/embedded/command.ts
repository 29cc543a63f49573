import { spawn } from 'node:child_process';

/** The user that the server runs as; undefined is the user of this process. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

export interface Outcome {
  /** Exit code; 127 when the command could not be started. */
  readonly code: number;
  /** What it wrote to both of its outputs, in order. */
  readonly output: string;
}

/** Runs a command to its end as the account, and never rejects: the outcome tells. */
export function run(command: string, args: readonly string[], account?: Account, input = ''): Promise<Outcome> {
  return new Promise((resolve) => {
    let output = '';
    const child = spawn(command, args, { ...account, cwd: '/', env: cleanEnvironment(), stdio: ['pipe', 'pipe', 'pipe'] });
    const collect = (chunk: string): void => void (output += chunk);
    child.stdout.setEncoding('utf8').on('data', collect);
    child.stderr.setEncoding('utf8').on('data', collect);
    child.stdin.on('error', () => undefined).end(input);
    child.on('error', (error) => resolve({ code: 127, output: error.message }));
    child.on('close', (code) => resolve({ code: code ?? 128, output: output.trim() }));
  });
}

/** Our environment without what would change how PostgreSQL behaves: its own variables and the user's language. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(PG|LC_|LANG)/.test(name));
  return { ...Object.fromEntries(kept), LC_ALL: 'C' };
}

/** Whether the account can enter the folder and write in it. Asks the system, because modes alone do not tell. */
export async function canWrite(folder: string, account?: Account): Promise<boolean> {
  return (await run('/bin/sh', ['-c', 'cd "$1" && test -w .', 'sh', folder], account)).code === 0;
}

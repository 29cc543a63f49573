#!/usr/bin/env node
import { run } from './program';

// Who reads the output may stop at any time, as head does; what was begun is brought to its end.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

void run(process.argv.slice(2), { out: process.stdout, err: process.stderr, env: process.env }).then((code) => {
  process.exitCode = code;
  // A command that a signal stopped leaves its connections to the end of the process.
  if (code > 128) process.exit();
});

#!/usr/bin/env node
import { run } from './program';

void run(process.argv.slice(2), { out: process.stdout, err: process.stderr, env: process.env }).then((code) => {
  process.exitCode = code;
  // A command that a signal stopped leaves its connections to the end of the process.
  if (code > 128) process.exit();
});

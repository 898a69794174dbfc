import { isatty } from 'node:tty';

import { runCommandLine } from './command-line.ts';

for (const stream of [process.stdout, process.stderr]) {
  // A reader that has seen enough (`backhauld status | head -1`) closes the pipe: nothing is left to be said to it.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

// Node leaves `isTTY` undefined where there is no terminal.
const isTerminal = isatty(process.stdout.fd) && process.env['TERM'] !== 'dumb';

const exitCode = await runCommandLine(process.argv.slice(2), {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  hasColors: isTerminal && (process.env['NO_COLOR'] ?? '') === '',
});
// Writes to files, terminals and pipes are synchronous on Linux: nothing is cut off, and nothing forgotten keeps a
// daemon alive that has given the network back.
process.exit(exitCode);

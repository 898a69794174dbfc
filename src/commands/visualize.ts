import { writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';

import { callControl } from '../adapters/control/client.ts';
import { streamInspection } from '../adapters/viewer/live.ts';
import { builtPage, pageWith, type PageSource } from '../adapters/viewer/page.ts';
import { openViewerServer } from '../adapters/viewer/server.ts';
import { BackhaulError, describe } from '../model/errors.ts';
import type { Command, Invocation } from './command.ts';
import { readConfigFile } from './config-file.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import { json, printable } from './text/printable.ts';

export const command: Command = {
  operands: '[FILE]',
  fewestOperands: 0,
  mostOperands: 1,
  flags: { live: 'fail when no daemon is running, instead of waiting for it' },
  values: {
    output: { value: 'PATH', about: 'write the page to a file that needs nothing else' },
    port: { value: 'N', about: 'serve it on this port of 127.0.0.1 (any that is free)' },
  },
  about: `Shows the statecharts in a browser, live: what is active, what is waited for,
what happened last, every switch with its reason. With FILE, a recording (a
segment, or a directory of recordings, of which the latest run is taken): the
same page with a time line to go through it. Changes nothing.

Prints the page's address, which only this machine can open, and serves it
until it is interrupted. With --config a recording is shown as it would have
gone under that configuration.`,
  run: async (invocation) => {
    const { operands, flags, values, socketPath } = invocation;
    const port = portIn(values.get('port') ?? '0');
    const file = operands[0];
    if (file !== undefined && flags.has('live')) throw usage('a recording is not live', 'leave out FILE, or --live');
    if (flags.has('live')) await callControl(socketPath, { method: 'GET', path: '/status' });
    const source = file === undefined ? null : await recordingAt(file, invocation);
    const output = values.get('output');
    if (output !== undefined) return write(output, pageWith(await builtPage(), source), invocation);
    const page = pageWith(await builtPage(), source ?? { kind: 'live', name: hostname() });
    return serve(page, source === null, port, invocation);
  },
};

async function recordingAt(file: string, { configPath, io }: Invocation): Promise<PageSource> {
  const config = configPath === null ? null : (await readConfigFile(configPath)).config;
  // Only here: the machines are not needed to show what is live.
  const { recordedSource } = await import('./visualize/recorded-source.ts');
  return recordedSource(file, config, (problem) => io.err(`backhauld: ${printable(describe(problem))}\n`));
}

/** What happened to a node is its owner's business: nobody else may read the file. */
async function write(file: string, page: string, { io, json: asJson }: Invocation): Promise<ExitCode> {
  try {
    await writeFile(file, page, { mode: 0o600 });
  } catch (error) {
    const message = `cannot be written: ${error instanceof Error ? error.message : String(error)}`;
    throw new BackhaulError({ code: 'state.unwritable', subject: file, message });
  }
  if (asJson) io.out(json({ written: file }));
  return exitCodes.ok;
}

async function serve(
  markup: string,
  isLive: boolean,
  port: number,
  { socketPath, io, json: asJson }: Invocation,
): Promise<ExitCode> {
  const stream = isLive ? streamInspection.bind(null, socketPath) : null;
  const server = await openViewerServer({ markup, stream }, port);
  const interrupted = new Promise<void>((resolve) => {
    const end = (): void => resolve();
    process.once('SIGINT', end).once('SIGTERM', end).once('SIGHUP', end);
  });
  const forward = `ssh -L ${server.port}:127.0.0.1:${server.port} ${hostname()}`;
  io.out(
    asJson
      ? json({ url: server.url })
      : `${server.url}

From another machine: ${forward}
and open the same address there. Ctrl-C ends it.
`,
  );
  await interrupted;
  await server.close();
  return exitCodes.ok;
}

function portIn(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/u.test(text) && port <= 65_535) return port;
  throw usage(`${JSON.stringify(text)} is no port`, 'expected a number from 0 (any that is free) to 65535');
}

const usage = (message: string, remedy: string): BackhaulError =>
  new BackhaulError({ code: 'usage.invalid', message, remedy });

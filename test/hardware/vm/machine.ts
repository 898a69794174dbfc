import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface MachineOptions {
  /** A folder of this run alone: the guest sees it, and runs `suite.mjs` in it. */
  readonly directory: string;
  readonly kernel: string;
  readonly initramfs: string;
  /** The project's folder, which the guest sees at the same place. */
  readonly project: string;
  /** Further arguments of qemu: the devices of a suite. */
  readonly devices: readonly string[];
  readonly memoryMb: number;
  readonly timeoutMs: number;
  /** What the suite reports: one JSON text a line. */
  readonly onResult: (line: string) => void;
  /** What it and its programs write. */
  readonly onText: (line: string) => void;
}

/** `ended`: the suite came to its end. Otherwise `said` tells what qemu and the guest's kernel said last. */
export interface MachineEnd {
  readonly how: 'ended' | 'timedOut' | 'interrupted' | 'crashed';
  readonly said: string;
}

/** What `guest/main.sh` ends both of its ports with. */
const lastLine = 'lab: end';

const guestMain = fileURLToPath(new URL('guest/main.sh', import.meta.url));
const base64 = (text: string): string => Buffer.from(text).toString('base64');

/**
 * Boots the guest and resolves when its suite has ended, or when it had to be ended.
 *
 * INVARIANT: qemu does not outlive this process: the kernel kills it when this process dies, however that happens.
 */
export async function runMachine(options: MachineOptions, signal: AbortSignal): Promise<MachineEnd> {
  const { directory, timeoutMs, onResult, onText } = options;
  const open = new Set(['results', 'text']);
  // Nothing in the guest is worth being shut down; but each of its ports has to have said its last.
  const onEnd = (port: string): void => {
    open.delete(port);
    if (open.size === 0) kill(qemu);
  };
  const servers = await Promise.all([
    listen(join(directory, 'results'), (line) => (line === lastLine ? onEnd('results') : onResult(line))),
    listen(join(directory, 'text'), (line) => (line === lastLine ? onEnd('text') : onText(line))),
  ]);
  const qemu = spawn('setpriv', ['--pdeathsig', 'KILL', 'qemu-system-x86_64', ...argumentsFor(options)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  qemu.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const onLimit = (): void => kill(qemu);
  limit.addEventListener('abort', onLimit);
  if (limit.aborted) onLimit();
  try {
    await once(qemu, 'close');
  } finally {
    limit.removeEventListener('abort', onLimit);
    for (const server of servers) server.close();
  }
  if (open.size === 0) return { how: 'ended', said: '' };
  const console = await readFile(join(directory, 'console'), 'utf8').catch(() => '');
  const said = [errors.trim(), ...console.split('\n').slice(-40)].filter(Boolean).join('\n');
  return { how: signal.aborted ? 'interrupted' : limit.aborted ? 'timedOut' : 'crashed', said };
}

const kill = (child: ChildProcess): void => void child.kill('SIGKILL');

async function listen(path: string, onLine: (line: string) => void): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    createInterface({ input: socket }).on('line', onLine);
  });
  server.listen(path);
  await once(server, 'listening');
  return server;
}

function argumentsFor({ directory, kernel, initramfs, project, devices, memoryMb }: MachineOptions): readonly string[] {
  const port = (name: string, to: string): readonly string[] => [
    '-chardev',
    `socket,id=${name},path=${join(directory, to)}`,
    '-device',
    `virtserialport,chardev=${name},name=lab.${name}`,
  ];
  const options = { main: guestMain, project, run: directory, node: process.execPath };
  const words = Object.entries(options).map(([name, value]) => `lab.${name}=${base64(value)}`);
  return [
    ...wordsOf('-nodefaults -no-user-config -no-reboot -display none'),
    ...wordsOf(`-M pc,hpet=off -accel tcg -cpu qemu64 -smp 1 -m ${memoryMb}`),
    ...wordsOf(`-kernel ${kernel} -initrd ${initramfs}`),
    '-append',
    `console=ttyS0 quiet panic=-1 mitigations=off nokaslr random.trust_cpu=on ${words.join(' ')}`,
    ...wordsOf(`-serial file:${join(directory, 'console')}`),
    ...wordsOf('-device virtio-rng-pci -device virtio-serial-pci'),
    ...wordsOf('-virtfs local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap'),
    ...port('results', 'results'),
    ...port('text', 'text'),
    // The guest is handed its own monitor, so that a test can pull its own cables.
    ...wordsOf(`-chardev socket,id=monitor,path=${join(directory, 'monitor')},server=on,wait=off`),
    ...wordsOf('-mon chardev=monitor,mode=control'),
    ...port('qmp', 'monitor'),
    ...devices,
  ];
}

/** None of the arguments has a space of its own. */
const wordsOf = (text: string): readonly string[] => text.split(' ');

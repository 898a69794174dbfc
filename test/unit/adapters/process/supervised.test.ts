import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { execPath } from 'node:process';
import { expect, test } from 'vitest';
import { LineSplitter } from '../../../../src/adapters/process/line-splitter.ts';
import {
  startSupervised,
  type Supervised,
  type SupervisedExit,
  type SupervisedOptions,
} from '../../../../src/adapters/process/supervised.ts';

interface Running {
  readonly program: Supervised;
  readonly lines: readonly string[];
  readonly exit: Promise<SupervisedExit>;
  /** Resolves when it has said so. */
  readonly heard: (line: string) => Promise<void>;
}

function start(file: string, args: readonly string[], more: Partial<SupervisedOptions> = {}): Running {
  const lines: string[] = [];
  const listeners: (() => void)[] = [];
  const exit = Promise.withResolvers<SupervisedExit>();
  const program = startSupervised(file, args, {
    ...more,
    onLine(line) {
      lines.push(line);
      for (const listener of listeners) listener();
    },
    onExit: exit.resolve,
  });
  return {
    program,
    lines,
    exit: exit.promise,
    heard: async (line) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (lines.includes(line)) resolve();
        };
        listeners.push(look);
        look();
      }),
  };
}

const shell = (script: string, more: Partial<SupervisedOptions> = {}): Running => start('sh', ['-c', script], more);

const isRunning = (pid: number): boolean => {
  try {
    return !/^State:\s+Z/mu.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

test('what a program writes comes by lines, from both of its outputs, and its last words with its end', async () => {
  const { exit, lines } = shell('echo one; echo two >&2; printf three; exit 3');
  const { lastWords, ...ending } = await exit;
  expect(ending).toEqual({ code: 3, signal: null });
  expect(new Set(lastWords)).toEqual(new Set(['one', 'two', 'three']));
  expect(lines.toSorted()).toEqual(['one', 'three', 'two']);
});

test('of much that was said the last is kept, and no line is longer than it may be', async () => {
  const { exit, lines } = shell('for i in $(seq 1 50); do echo $i; done; head -c 100000 /dev/zero | tr "\\0" x');
  const { lastWords } = await exit;
  expect(lastWords).toHaveLength(10);
  expect(lastWords.slice(0, 2)).toEqual(['42', '43']);
  expect(lastWords.at(-1)).toHaveLength(300);
  expect(lines.at(-1)).toHaveLength(4096);
});

test('one that cannot be started has ended, and says why; its end is told after it was started', async () => {
  expect(await start('no-such-program', []).exit).toMatchObject({
    code: 127,
    lastWords: [expect.stringContaining('no-such-program')],
  });
  const { program, exit } = start('true', ['S3cret\0']);
  expect(program.pid).toBeUndefined();
  await program.stop();
  expect(await exit).toEqual({ code: null, signal: null, lastWords: ['true cannot be given these arguments'] });
});

test('it is asked to end, and made to end when it does not listen; to stop it twice is no mistake', async () => {
  const polite = shell('trap "echo bye; exit 0" TERM; echo ready; while :; do sleep 0.05; done');
  await polite.heard('ready');
  await polite.program.stop();
  expect(await polite.exit).toEqual({ code: 0, signal: null, lastWords: ['ready', 'bye'] });

  const deaf = shell('trap "" TERM; echo ready; while :; do sleep 0.05; done');
  await deaf.heard('ready');
  const began = performance.now();
  await Promise.all([deaf.program.stop(), deaf.program.stop()]);
  expect(await deaf.exit).toMatchObject({ signal: 'SIGKILL' });
  expect(performance.now() - began).toBeGreaterThan(1900);
  await deaf.program.stop();
});

test('a signal reaches it', async () => {
  const { program, exit, heard } = shell('trap "exit 7" USR1; echo ready; while :; do sleep 0.05; done');
  await heard('ready');
  program.signal('SIGUSR1');
  expect(await exit).toMatchObject({ code: 7 });
  program.signal('SIGUSR1');
});

test('what it has started holds nobody up', async () => {
  const began = performance.now();
  expect(await shell('sleep 5 & echo hi').exit).toMatchObject({ code: 0, lastWords: ['hi'] });
  expect(performance.now() - began).toBeLessThan(3000);
});

test('SECU-4: it gets a PATH, the language of messages and what it is given, and nothing else of ours', async () => {
  const { exit, lines } = start('env', [], { env: { OWN: '1' } });
  await exit;
  expect(new Set(lines.map((line) => line.split('=')[0]))).toEqual(new Set(['LANG', 'OWN', 'PATH']));
});

test('SECU-4: it may be left with few capabilities', async () => {
  const { exit, lines } = start('cat', ['/proc/self/status'], { capabilities: ['net_admin', 'net_raw'] });
  await exit;
  expect(lines.find((line) => line.startsWith('CapBnd'))).toMatch(/0000000000003000$/u);
});

test('AP-3: it dies with us, also when we are killed', async () => {
  const module = new URL('../../../../src/adapters/process/supervised.ts', import.meta.url).href;
  const script = `
    const { startSupervised } = await import(${JSON.stringify(module)});
    const { pid } = startSupervised('sleep', ['60'], { onLine() {}, onExit() {} });
    console.log(pid);
    setInterval(() => {}, 1000);
  `;
  const parent = spawn(execPath, ['--input-type=module', '--eval', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [told] = (await once(parent.stdout, 'data')) as [Buffer];
  const pid = Number(told.toString());
  // It is setpriv until it has become the program: until then it would not die with us.
  while (!readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('sleep')) await new Promise(setImmediate);
  parent.kill('SIGKILL');
  await once(parent, 'exit');
  while (isRunning(pid)) await new Promise(setImmediate);
  expect(isRunning(pid)).toBe(false);
});

test('text becomes lines however it is cut', () => {
  const lines: string[] = [];
  const splitter = new LineSplitter((line) => lines.push(line));
  for (const part of ['a', 'b\r\nc', '\n\nd', '']) splitter.take(part);
  splitter.end();
  expect(lines).toEqual(['ab', 'c', 'd']);
});

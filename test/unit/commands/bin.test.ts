import { execFile, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));
let folder = '';
let bin = '';

/** The package as it is installed, with the sources in the place of the bundle. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'backhauld-bin-'));
  bin = join(folder, 'bin/backhauld.js');
  mkdirSync(join(folder, 'bin'));
  mkdirSync(join(folder, 'dist'));
  copyFileSync(`${root}bin/backhauld.js`, bin);
  copyFileSync(`${root}package.json`, join(folder, 'package.json'));
  writeFileSync(join(folder, 'dist/cli.js'), `import ${JSON.stringify(`${root}src/commands/cli.ts`)};\n`);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function run(program: string, args: readonly string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = execFile(program, [...args], { env: { ...process.env, NO_COLOR: '1' } }, (_, out, err) => {
      resolve({ code: child.exitCode, out, err });
    });
  });
}

const backhauld = (...args: readonly string[]): Promise<Outcome> => run(process.execPath, [bin, ...args]);

describe('the command as a process', () => {
  test.each([
    [0, ['--version']],
    [2, ['stauts']],
    [4, ['status', '--socket', '/none/control.sock']],
  ])('API-2: ends with %i for %j', async (expected, args) => {
    expect((await backhauld(...args)).code).toBe(expected);
  });

  test('API-2: run without CAP_NET_ADMIN ends with 3, and says so', async () => {
    const args = [bin, 'run', '--socket', join(folder, 'run/c.sock'), '--state-dir', join(folder, 'state')];
    const unprivileged = ['--bounding-set=-net_admin', '--inh-caps=-all', process.execPath, ...args];
    const { code, err } =
      process.getuid?.() === 0 ? await run('setpriv', unprivileged) : await run(process.execPath, args);
    expect(err).toMatch(/^backhauld: .*CAP_NET_ADMIN.* \[privilege\.missing\]\n$/u);
    expect(code).toBe(3);
  });

  test('a reader that has seen enough is no crash', async () => {
    const child = spawn(process.execPath, [bin, '--help'], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    let err = '';
    child.stderr.setEncoding('utf8');
    child.stderr.on('data', (chunk: string) => (err += chunk));
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect({ code, err }).toEqual({ code: 0, err: '' });
  });

  test('asking for the status loads neither the machines nor the streams', async () => {
    const program = `
      import { registerHooks } from 'node:module';
      registerHooks({
        load(url, context, next) {
          if (/xstate|rxjs|pino|koffi|valibot/.test(url)) throw new Error('loaded ' + url);
          return next(url, context);
        },
      });
      process.argv.splice(1, Infinity, 'backhauld', 'status', '--socket', '/none/control.sock');
      await import(${JSON.stringify(`${root}src/commands/cli.ts`)});
    `;
    const { code, err } = await run(process.execPath, ['--input-type=module', '--eval', program]);
    expect(err).toContain('[control.notRunning]');
    expect(code).toBe(4);
  });
});

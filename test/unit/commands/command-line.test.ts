import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import { runCommandLine } from '../../../src/commands/command-line.ts';
import { commands } from '../../../src/commands/commands.ts';
import { exitCodeOf } from '../../../src/commands/exit-codes.ts';
import { exitCodeFor } from '../../../src/commands/doctor.ts';
import { shortDuration } from '../../../src/commands/text/short-duration.ts';
import { fine, trouble, warning } from '../../../src/adapters/doctor/finding.ts';
import { emptyStatus, fakeDaemon, temporaryFolder } from '../adapters/control/control-fixture.ts';

const containing = (text: string): unknown => expect.stringContaining(text);
const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function run(...args: readonly string[]): Promise<Outcome> {
  let out = '';
  let err = '';
  const code = await runCommandLine(args, {
    out: (text) => (out += text),
    err: (text) => (err += text),
    hasColors: false,
  });
  return { code, out, err };
}

const jsonOf = ({ out }: Outcome): unknown => JSON.parse(out);

function fileWith(text: string | Uint8Array): string {
  const file = join(temporaryFolder(), 'config.toml');
  writeFileSync(file, text);
  return file;
}

describe('usage', () => {
  test.each([
    ['a mistyped command', ['stauts'], /there is no command "stauts"; did you mean "status"\? \[usage\.invalid\]$/mu],
    ['a command far from any', ['frobnicate'], /expected one of run, status, .*\[usage\.invalid\]$/mu],
    ['a mistyped option', ['status', '--sokcet', 'x'], /there is no option "--sokcet"; did you mean "--socket"\?/u],
    ['an option of another command', ['status', '--dry-run'], /there is no option "--dry-run"/u],
    ['an option without its value', ['status', '--socket'], /--socket .*argument missing/u],
    ['an option with an empty value', ['status', '--socket='], /the value of --socket is empty/u],
    ['a value for a flag', ['status', '--json=yes'], /--json/u],
    ['an operand too many', ['status', 'eth0'], /"status" does not know what to do with "eth0"/u],
    ['an operand too few', ['pin'], /"pin" needs NAME\|auto; see backhauld pin --help/u],
    ['help for no command', ['help', 'frobnicate'], /there is no command "frobnicate"/u],
  ])('%s is a mistake that is named, and the exit code is 2', async (_, args, expected) => {
    const { code, out, err } = await run(...args);
    expect({ code, lines: err.trim().split('\n').length }).toEqual({ code: 2, lines: 1 });
    expect(err).toMatch(expected);
    expect(err).toMatch(/^backhauld: /u);
    // With --json among the words (`--json=yes` is not it) nothing would stand on the standard error.
    expect(out).toBe('');
  });

  test('API-2: a mistake is JSON on the standard output with --json', async () => {
    const outcome = await run('stauts', '--json');
    expect(outcome).toMatchObject({ code: 2, err: '' });
    expect(jsonOf(outcome)).toEqual({
      error: { code: 'usage.invalid', message: 'there is no command "stauts"', remedy: 'did you mean "status"?' },
    });
  });

  test('without a command the help goes to the standard error, and the exit code is 2', async () => {
    expect(await run()).toMatchObject({ code: 2, out: '', err: matching(/^Usage: backhauld COMMAND/u) });
  });

  test.each([[['--help']], [['-h']], [['help']]])('%j shows the help', async (args) => {
    expect(await run(...args)).toMatchObject({
      code: 0,
      out: matching(/^Usage: backhauld COMMAND/u),
      err: '',
    });
  });

  test.each(commands.map(({ name }) => name))('%s has help by --help and by "help"', async (name) => {
    const outcome = await run(name, '--help');
    expect(outcome).toMatchObject({ code: 0, out: containing(`Usage: backhauld ${name}`), err: '' });
    expect(await run('help', name)).toEqual(outcome);
  });

  test('the version is that of the package', async () => {
    expect(await run('--version')).toMatchObject({
      code: 0,
      out: matching(/^backhauld \d+\.\d+\.\d+\n$/u),
    });
  });

  test('no control character of an argument reaches the terminal', async () => {
    expect((await run('\u001b[2J\u202e')).err).not.toMatch(/[^\P{C}\n]/u);
    expect((await run('status', '--\u001b[2J')).err).not.toMatch(/[^\P{C}\n]/u);
    expect((await run('check', '/none/\u001b[2J')).err).not.toMatch(/[^\P{C}\n]/u);
  });
});

describe('asking the daemon', () => {
  test.each([['status'], ['plan'], ['explain'], ['pin', 'eth0'], ['pin', 'auto']])(
    'API-2: "%s %s" ends with 4 when none is running',
    async (...words) => {
      const socket = join(temporaryFolder(), 'c.sock');
      const args = words.filter((word) => typeof word === 'string');
      expect(await run(...args, '--socket', socket)).toMatchObject({
        code: 4,
        out: '',
        err: containing('[control.notRunning]'),
      });
      expect(jsonOf(await run('--json', ...args, '--socket', socket))).toMatchObject({
        error: { code: 'control.notRunning' },
      });
    },
  );

  test('options may stand before the command', async () => {
    const { path } = await fakeDaemon();
    expect(jsonOf(await run('--socket', path, '--json', 'status'))).toEqual(emptyStatus);
  });

  test('API-2: --json gives the answer as it was received', async () => {
    const { path } = await fakeDaemon();
    expect(jsonOf(await run('status', '--json', '--socket', path))).toEqual(emptyStatus);
    expect(jsonOf(await run('plan', '--json', '--socket', path))).toEqual([]);
    expect(jsonOf(await run('explain', 'eth0', '--json', '--socket', path))).toEqual({ uplinks: [] });
    expect(jsonOf(await run('pin', 'eth0', '--json', '--socket', path))).toEqual({ pinned: 'eth0' });
  });

  test('without --json people are shown text', async () => {
    const { path, pins } = await fakeDaemon();
    expect((await run('status', '--socket', path)).out).toContain('no interface is known');
    expect((await run('pin', 'eth0', '--socket', path)).out).toBe('eth0 is pinned\n');
    expect((await run('pin', 'auto', '--socket', path)).out).toBe('nothing is pinned; the daemon chooses\n');
    expect(pins).toEqual(['eth0', null]);
  });

  test('the name of an interface is passed on whole', async () => {
    const asked: (string | null)[] = [];
    const { path } = await fakeDaemon({ explain: (name) => (asked.push(name), { uplinks: [] }) });
    await run('explain', 'a&b=c#d%20é', '--socket', path);
    await run('explain', '--socket', path);
    expect(asked).toEqual(['a&b=c#d%20é', null]);
  });

  test("the daemon's problem has its own exit code", async () => {
    const { path } = await fakeDaemon();
    expect(await run('explain', 'nope', '--socket', path)).toMatchObject({
      code: 2,
      err: containing('there is no interface'),
    });
  });

  test('what is in the way of a socket is not taken for a daemon', async () => {
    expect(await run('status', '--socket', fileWith(''))).toMatchObject({ code: 4 });
  });
});

describe('check', () => {
  test('API-3: every mistake is a line with file, line and column, and the exit code is 2', async () => {
    const file = fileWith('profile = "turbo"\n[probe]\ninterval = 5\nretries = 1\n');
    const { code, out, err } = await run('check', file);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(
      err
        .trim()
        .split('\n')
        .map((line) => line.slice(0, `backhauld: ${file}:1:11:`.length)),
    ).toEqual([`backhauld: ${file}:1:11:`, `backhauld: ${file}:3:12:`, `backhauld: ${file}:4:1: `]);
  });

  test('API-3: --json lists them', async () => {
    const file = fileWith('profile = "turbo"\nx = 1');
    const outcome = await run('check', file, '--json');
    expect(outcome).toMatchObject({ code: 2, err: '' });
    expect(jsonOf(outcome)).toMatchObject({
      errors: [
        { code: 'config.invalid', subject: `${file}:1:11` },
        { code: 'config.invalid', subject: `${file}:2:1` },
      ],
    });
  });

  test('a good file is said to be good', async () => {
    const file = fileWith('profile = "default"');
    expect(await run('check', file)).toEqual({ code: 0, out: `${file}: the configuration is valid\n`, err: '' });
    expect(jsonOf(await run('check', '--config', file, '--json'))).toEqual({ ok: true, file });
  });

  test.each([
    ['a file that is not there', () => join(temporaryFolder(), 'none.toml'), 'config.unreadable'],
    ['a folder', () => temporaryFolder(), 'config.unreadable'],
    ['bytes that are no UTF-8', () => fileWith(Uint8Array.of(0x61, 0xff, 0xfe)), 'config.syntax'],
  ])('%s is a mistake with its code', async (_, make, expected) => {
    expect(await run('check', make())).toMatchObject({ code: 2, err: containing(`[${expected}]`) });
  });
});

describe('run and cleanup', () => {
  test('API-3: run begins nothing with a mistake in the configuration', async () => {
    const config = fileWith('[routing]\nexecute = "yes"');
    expect(await run('run', '--config', config)).toMatchObject({
      code: 2,
      err: containing(`${config}:2:11: routing.execute is "yes"`),
    });
  });

  test('a configuration that is named must exist', async () => {
    const config = join(temporaryFolder(), 'none.toml');
    expect(await run('run', '--config', config)).toMatchObject({
      code: 2,
      err: containing('[config.unreadable]'),
    });
    expect(await run('cleanup', '--config', config)).toMatchObject({ code: 2 });
  });

  test('API-2: run ends with 1 where a daemon answers, before it touches anything', async () => {
    const { path } = await fakeDaemon();
    const folder = temporaryFolder();
    expect(await run('run', '--dry-run', '--socket', path, '--state-dir', join(folder, 'state'))).toMatchObject({
      code: 1,
      err: containing('[control.inUse]'),
    });
  });
});

describe('cleanup', () => {
  test('ROUT-8: refuses while a daemon answers, which would put back what is removed', async () => {
    const { path } = await fakeDaemon();
    expect(await run('cleanup', '--socket', path)).toMatchObject({
      code: 1,
      out: '',
      err: containing('[control.inUse]'),
    });
  });
});

test('the doctor ends with 3 for what run lacks, with 1 for other problems, with 0 for warnings', () => {
  const good = fine('a', 'b');
  const minor = warning('a', 'b', 'c');
  const major = trouble('kernel.featureMissing', 'a', 'b', 'c');
  expect(exitCodeFor([good, minor])).toBe(0);
  expect(exitCodeFor([good, major])).toBe(1);
  expect(exitCodeFor([major, trouble('tool.missing', 'a', 'b', 'c')])).toBe(3);
  expect(exitCodeFor([trouble('privilege.missing', 'a', 'b', 'c'), major])).toBe(3);
});

test('API-2: the exit codes of errors are 1 to 4, as documented', () => {
  expect(exitCodeOf('config.syntax')).toBe(2);
  expect(exitCodeOf('usage.invalid')).toBe(2);
  expect(exitCodeOf('privilege.missing')).toBe(3);
  expect(exitCodeOf('tool.missing')).toBe(3);
  expect(exitCodeOf('control.notRunning')).toBe(4);
  expect(exitCodeOf('control.inUse')).toBe(1);
});

test.each([
  [0, '0s'],
  [-5, '0s'],
  [999, '0s'],
  [59_999, '59s'],
  [60_000, '1m'],
  [125_000, '2m 5s'],
  [3_600_000, '1h'],
  [11_520_000, '3h 12m'],
  [86_400_000 * 6 + 4 * 3_600_000 + 59_000, '6d 4h'],
])('%i ms are shown as %s', (ms, expected) => {
  expect(shortDuration(ms)).toBe(expected);
});

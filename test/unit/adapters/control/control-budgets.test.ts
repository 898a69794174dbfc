import { describe, expect, test } from 'vitest';
import { runCommandLine } from '../../../../src/commands/command-line.ts';
import { budgets, fakeDaemon } from './control-fixture.ts';

/** Runs `backhauld budget …` against a daemon. */
async function budget(...operands: readonly string[]) {
  const daemon = await fakeDaemon();
  const out: string[] = [];
  const err: string[] = [];
  const io = { out: (text: string) => out.push(text), err: (text: string) => err.push(text), hasColors: false };
  const exitCode = await runCommandLine(['budget', ...operands, '--socket', daemon.path], io);
  return { exitCode, out: out.join(''), err: err.join(''), told: daemon.told };
}

describe('TETH-5, API-2: backhauld budget', () => {
  test('shows every budget, also of a device that is not plugged in', async () => {
    const { out, exitCode } = await budget();
    expect(exitCode).toBe(0);
    expect(out.split('\n').slice(1, 3)).toEqual([
      expect.stringMatching(/^usb serial R58M123 +usb0 +812 MB +1 GiB +75\.7 % +2026-/u),
      expect.stringMatching(/^usb port 1-1\.4 +not plugged in +2\.0 GB +2 GB +100 % +it is reset +slowed down$/u),
    ]);
  });

  test('gives them as JSON', async () => {
    expect(JSON.parse((await budget('--json')).out)).toEqual(budgets);
  });

  test.each([
    [['reset', 'usb0'], 'reset usb0'],
    [['reset', 'usb serial R58M123'], 'reset usb serial R58M123'],
    [['set', 'usb0', '1.2 GB'], 'set usb0 1200000000'],
    [['set', 'usb0', '1', 'GiB'], 'set usb0 1073741824'],
    [['set', 'usb0', '0'], 'set usb0 0'],
  ])('%j tells the daemon: %s', async (operands, told) => {
    const answer = await budget(...operands);
    expect(answer.told).toEqual([told]);
    expect(answer.exitCode).toBe(0);
  });

  test.each([
    [['set', 'usb0', '-5'], 'there is no option "-5"', 2],
    [['set', 'usb0', '10 EB'], 'is no amount of data', 2],
    [['set', 'usb0', '99999999999999999999'], 'is no amount of data', 2],
    [['set', 'usb0'], 'is not complete', 2],
    [['reset'], 'is not complete', 2],
    [['reset', 'usb0', 'now'], 'is too long', 2],
    [['burn', 'usb0'], 'cannot "burn"', 2],
    [['reset', 'nope'], 'there is no budget of nope', 1],
  ])('%j is refused: %s', async (operands, why, exitCode) => {
    const answer = await budget(...operands);
    expect(`${answer.err} ${answer.exitCode}`).toContain(why);
    expect(answer.exitCode).toBe(exitCode);
  });
});

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';

import type { HotspotApi } from '../../../src/adapters/control/api.ts';
import { runCommandLine } from '../../../src/commands/command-line.ts';
import { access, hotspot, token } from '../../golden/samples.ts';
import { fakeDaemon, noHotspot } from '../adapters/control/control-fixture.ts';
import { decodeLines } from '../adapters/qr/decode.ts';

const working: HotspotApi = {
  status: () => hotspot,
  setMode: (mode) => ({ ...hotspot, mode }),
  rotateKey: () => ({ ...hotspot, key: { ...hotspot.key, number: 4 } }),
  access: () => access,
  issueToken: () => token,
  redeemToken: () => access,
};

const cli = fileURLToPath(new URL('../../../src/commands/cli.ts', import.meta.url));

async function run(api: HotspotApi, ...args: readonly string[]) {
  const { path } = await fakeDaemon({ hotspot: api });
  let out = '';
  let err = '';
  const code = await runCommandLine(['hotspot', ...args, '--socket', path], {
    out: (text) => (out += text),
    err: (text) => (err += text),
    hasColors: false,
  });
  return { code, out, err };
}

describe('backhauld hotspot', () => {
  test.each([
    ['on', 'switched on by command'],
    ['off', 'switched off by command'],
    ['auto', 'closes in 42s'],
    ['status', 'clients   2 of at most 10'],
    ['rotate', 'key       number 4'],
  ])('API-2: %s shows how it stands then', async (verb, expected) => {
    const { code, out } = await run(working, verb);
    expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining(expected) as unknown });
  });

  test.each([
    ['status', hotspot],
    ['on', { ...hotspot, mode: 'on' }],
    ['rotate', working.rotateKey()],
    ['qr', access],
    ['token', token],
  ])('API-2: %s --json prints what the daemon answered', async (verb, expected) => {
    const { code, out } = await run(working, verb, '--json');
    expect({ code, value: JSON.parse(out) as unknown }).toEqual({ code: 0, value: expected });
  });

  test('SECU-3: qr shows a code that a camera reads, and the same to be typed', async () => {
    const { out } = await run(working, 'qr');
    const lines = out.split('\n');
    expect(decodeLines(lines.slice(0, lines.indexOf('')), false)).toBe(access.uri);
    expect(out).toContain('key      k7wm-2hxa-9tqe-dz4n');
  });

  test('SECU-3: qr is read by a camera from a pipe too', async () => {
    const { path } = await fakeDaemon({ hotspot: working });
    const command = [cli, 'hotspot', 'qr', '--socket', path];
    const { stdout } = await promisify(execFile)(process.execPath, command, { timeout: 20_000 });
    const lines = stdout.split('\n');
    expect(decodeLines(lines.slice(0, lines.indexOf('')), false)).toBe(access.uri);
  });

  test('SECU-3: token shows the link to its page as a code, and how long it is good', async () => {
    const { out } = await run(working, 'token');
    const lines = out.split('\n');
    expect(decodeLines(lines.slice(0, lines.indexOf('')), false)).toBe(token.url);
    expect(out).toContain(`token    ${token.token}\ngood     once, within 5m\n`);
  });

  test('without a hotspot each says so, and ends with 1', async () => {
    for (const verb of ['on', 'off', 'auto', 'status', 'qr', 'rotate', 'token']) {
      const { code, out, err } = await run(noHotspot, verb);
      expect({ verb, code, out }).toEqual({ verb, code: 1, out: '' });
      expect(err).toMatch(/^backhauld: .*\[hotspot\.notEnabled\]\n$/u);
    }
  });

  test.each([[[]], [['up']], [['on', 'off']], [['ON']]])('%j is a mistake that is named', async (args) => {
    const { code, err } = await run(working, ...args);
    expect({ code, err }).toEqual({
      code: 2,
      err: expect.stringMatching(/^backhauld: .*\[usage\.invalid\]\n$/u) as unknown,
    });
  });
});

import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { connectPan } from '../../../../src/adapters/bluetooth/bluez.ts';

const address = 'AA:BB:CC:DD:EE:FF';
const profile = '00001116-0000-1000-8000-00805f9b34fb';

/** A busctl that does what a line of shell says, on a node with these adapters. */
function bluez(adapters: readonly string[], does: { readonly asked: string; readonly called?: string }) {
  const folder = mkdtempSync(join(tmpdir(), 'backhauld-bluez-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const adapter of adapters) mkdirSync(join(folder, 'adapters', adapter), { recursive: true });
  const busctl = join(folder, 'busctl');
  const log = join(folder, 'log');
  const script = [
    '#!/bin/sh',
    `echo "$*" >>'${log}'`,
    `case "$3" in`,
    `  get-property) ${does.asked} ;;`,
    `  call) ${does.called ?? 'exit 1'} ;;`,
    'esac',
  ];
  writeFileSync(busctl, `${script.join('\n')}\n`);
  chmodSync(busctl, 0o755);
  return {
    options: { busctl, adapters: join(folder, 'adapters') },
    log: () => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []),
  };
}

const asked = (adapter: string): string =>
  `--system --auto-start=no get-property org.bluez /org/bluez/${adapter}/dev_AA_BB_CC_DD_EE_FF org.bluez.Network1 Connected`;

test('a phone that is not connected is connected, by the adapter that knows it', async () => {
  const node = bluez(['hci0', 'hci1', 'hci0:11'], {
    asked: `case "$5" in */hci1/*) echo 'b false' ;; *) echo 'Unknown object' >&2; exit 1 ;; esac`,
    called: 'exit 0',
  });
  expect(await connectPan(address, node.options)).toEqual({ kind: 'connected' });
  expect(node.log()).toEqual([
    asked('hci0'),
    asked('hci1'),
    `--system --auto-start=no call org.bluez /org/bluez/hci1/dev_AA_BB_CC_DD_EE_FF org.bluez.Device1 ConnectProfile s ${profile}`,
  ]);
});

test('a phone that is connected is left alone', async () => {
  const node = bluez(['hci0'], { asked: "echo 'b true'" });
  expect(await connectPan(address, node.options)).toEqual({ kind: 'connected' });
  expect(node.log()).toEqual([asked('hci0')]);
});

test('a phone that does not answer has failed, and nothing of what it says is repeated', async () => {
  const node = bluez(['hci0'], { asked: "echo 'b false'", called: 'echo "br-connection-$(hostile)" >&2; exit 1' });
  const outcome = await connectPan(address, node.options);
  expect(outcome.kind).toBe('failed');
  expect(JSON.stringify(outcome)).not.toContain('br-connection');
});

test("BlueZ's own word for what went wrong is told", async () => {
  const failure = 'echo "Call failed: br-connection-page-timeout" >&2; exit 1';
  const outcome = await connectPan(address, bluez(['hci0'], { asked: "echo 'b false'", called: failure }).options);
  expect(outcome.kind === 'failed' && outcome.message).toMatch(/\(br-connection-page-timeout\)$/u);
});

test.each([
  ['knows it', ['hci0'], "echo 'Unknown object' >&2; exit 1"],
  ['is there, for there is no adapter', [], 'exit 0'],
])('nobody %s: it is absent', async (_, adapters, does) => {
  expect((await connectPan(address, bluez(adapters, { asked: does }).options)).kind).toBe('absent');
});

test('without busctl it is absent, and that is said', async () => {
  const { options } = bluez(['hci0'], { asked: 'exit 0' });
  const outcome = await connectPan(address, { ...options, busctl: '/nowhere/busctl' });
  expect(outcome).toEqual({ kind: 'absent', message: '/nowhere/busctl is not installed' });
});

import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { watchRadio, type RadioWatch } from '../../../../src/adapters/hotspot/radio.source.ts';
import type { RadioFacts } from '../../../../src/model/hotspot.ts';
import type { Link } from '../../../../src/model/kernel.ts';

const { PATH } = process.env;
let folder = '';
let watch: RadioWatch | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'iw-'));
  process.env['PATH'] = `${folder}:${PATH}`;
});
afterEach(async () => {
  await watch?.close();
  process.env['PATH'] = PATH;
  rmSync(folder, { recursive: true });
});

const interfaceInfo = 'Interface wlan0\\n\\tifindex 3\\n\\taddr 02:00:00:00:00:00\\n\\ttype managed\\n\\twiphy 0\\n';

/** An `iw` that says this when it is asked for the first time of the interface, and then what the real one says. */
function iwThatFirst(script: string): void {
  const lines = [
    '#!/bin/sh',
    'case "$1" in event) exec sleep 60 ;; phy) exit 0 ;; esac',
    `echo asked >> ${folder}/asked`,
    `[ "$(wc -l < ${folder}/asked)" -gt 1 ] || { ${script}; }`,
    `printf '${interfaceInfo}'`,
    '',
  ];
  writeFileSync(join(folder, 'iw'), lines.join('\n'));
  chmodSync(join(folder, 'iw'), 0o755);
}

const wlan0: Link = {
  index: 3,
  name: 'wlan0',
  kind: null,
  hardwareType: 1,
  isUp: true,
  hasCarrier: false,
  isLoopback: false,
  isPointToPoint: false,
  mtu: 1500,
  macAddress: null,
  lowerIndex: 3,
  masterIndex: null,
};

/** Resolves with the first thing that is told. */
async function firstTold(): Promise<RadioFacts | null> {
  const links = new Map([[3, wlan0]]);
  return new Promise((resolve) => {
    watch = watchRadio({
      name: 'wlan0',
      state: () => ({ links }),
      onChange: resolve,
      onProblem: () => undefined,
      onSolved: () => undefined,
    });
    watch.begin();
  });
}

test.each([
  ['fails for a moment', 'echo "command failed: Device or resource busy (-16)" >&2; exit 240'],
  ['says nothing', 'exit 0'],
])('a radio is none the less there when iw %s: it is asked again', async (_, script) => {
  iwThatFirst(script);
  expect(await firstTold()).toMatchObject({ interface: 'wlan0', phy: 'phy0' });
  expect(readFileSync(join(folder, 'asked'), 'utf8')).toBe('asked\nasked\n');
});

test('a link that is no radio is none', async () => {
  iwThatFirst('echo "command failed: No such device (-19)" >&2; exit 237');
  expect(await firstTold()).toBe(null);
});

import { chmodSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createAccessPoint } from '../../../../src/adapters/hotspot/access-point.part.ts';
import { createRuntimeFiles } from '../../../../src/adapters/hotspot/runtime-files.ts';
import type { Problem } from '../../../../src/model/errors.ts';
import type { AccessPointPart } from '../../../../src/model/hotspot-parts.ts';

const { PATH } = process.env;
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hostapd-'));
  process.env['PATH'] = `${folder}:${PATH}`;
});
afterEach(() => {
  process.env['PATH'] = PATH;
  rmSync(folder, { recursive: true });
});

function program(name: string, script: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, name), 0o755);
}

const passphraseOf = (number: number): string => `key-of-number-${number}`;

const point: AccessPointPart = {
  kind: 'accessPoint',
  interface: 'wlan0',
  ssid: 'Node',
  country: 'DE',
  channel: 6,
  security: 'wpa2Wpa3Mixed',
  key: 1,
  previousKey: null,
  maxClients: 10,
  isIsolated: true,
};

test('SECU-4: hostapd that ends after rotations tells no key that it ever had, nor the one to come', async () => {
  program(
    'hostapd',
    `echo wlan0: AP-ENABLED; until [ -e ${folder}/end ]; do sleep 0.02; done; cat ${folder}/end; exit 1`,
  );
  program('hostapd_cli', '[ $# -gt 4 ] && echo OK || while read line; do [ "$line" = quit ] || echo OK; done');
  const end = Promise.withResolvers<Problem>();
  const maker = createAccessPoint({
    files: createRuntimeFiles(join(folder, 'hotspot')),
    keys: {
      keysFor: (numbers) => numbers.map((number) => ({ number, passphrase: passphraseOf(number) })),
      upcoming: (number) => ({ number, passphrase: passphraseOf(number) }),
    },
    ended: end.resolve,
    clients: () => undefined,
    noted: () => undefined,
  });
  expect(await maker.start(point, new AbortController().signal)).toBe(null);
  const rotations: readonly AccessPointPart[] = [
    { ...point, key: 2, previousKey: 1 },
    { ...point, key: 2 },
    { ...point, key: 3, previousKey: 2 },
    { ...point, key: 3 },
  ];
  let from = point;
  for (const to of rotations) {
    // oxlint-disable-next-line no-await-in-loop
    expect(await maker.change?.(from, to)).toBe(null);
    from = to;
  }
  writeFileSync(join(folder, 'said'), [1, 2, 3, 4].map((number) => `bad: ${passphraseOf(number)}\n`).join(''));
  renameSync(join(folder, 'said'), join(folder, 'end'));
  const words = Array.from({ length: 4 }, () => 'bad: [redacted]').join(' / ');
  expect((await end.promise).message).toBe(`hostapd on wlan0 ended with 1; its last words: ${words}`);
  await maker.stop(from, {});
});

import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hotspotJournalFile, openHotspotJournal } from '../../../src/adapters/hotspot/hotspot.journal.ts';
import { cleanUpHotspot } from '../../../src/engine/hotspot.ts';

const { PATH } = process.env;
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hotspot-'));
  process.env['PATH'] = `${folder}:${PATH}`;
});
afterEach(() => {
  process.env['PATH'] = PATH;
  rmSync(folder, { recursive: true });
});

/** A program that notes how it was called, and then does this. */
function program(name: string, script: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\necho "${name} $*" >> ${folder}/calls\n${script}\n`);
  chmodSync(join(folder, name), 0o755);
}

const radio = { kind: 'radio', interface: 'wlan7', phy: 'phy7', country: 'DE', isTaken: true } as const;

test.each([
  [{ manager: 'networkManager' }, 'nmcli device set wlan7 managed yes'],
  [{ manager: 'wpaSupplicant', control: '/run/wpa' }, 'wpa_cli -p /run/wpa -i wlan7 reconnect'],
])('AP-3: cleanup gives a radio that a killed daemon has taken back to its manager: %o', async (before, call) => {
  program('iw', 'exit 237');
  program('nmcli', 'exit 0');
  program('wpa_cli', 'echo OK');
  openHotspotJournal(folder).journal.put({ part: radio, before: { country: 'DE', link: 'up', ...before } });
  expect(await cleanUpHotspot(folder)).toMatchObject({ removed: [{ type: 'hotspot.stop', part: radio }], left: [] });
  expect(readFileSync(join(folder, 'calls'), 'utf8').split('\n')).toContain(call);
  expect(openHotspotJournal(folder).journal.records).toEqual([]);
});

test('AP-3: where its manager does not take it back, cleanup says what is left, and keeps the record of it', async () => {
  program('iw', 'exit 237');
  program('nmcli', 'echo "Error: NetworkManager is not running." >&2; exit 8');
  openHotspotJournal(folder).journal.put({ part: radio, before: { country: 'DE', manager: 'networkManager' } });
  expect(await cleanUpHotspot(folder)).toMatchObject({ removed: [], left: [{ part: radio }] });
  expect(existsSync(join(folder, hotspotJournalFile))).toBe(true);
  expect(openHotspotJournal(folder).journal.records).toHaveLength(1);
});

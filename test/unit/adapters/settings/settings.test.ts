import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSettingsJournal } from '../../../../src/adapters/settings/settings.journal.ts';
import { createSettingsTarget } from '../../../../src/adapters/settings/settings.target.ts';
import { settingKey, type Setting, type SettingRecord } from '../../../../src/model/network.ts';

let base = '';
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'backhaul-settings-'));
});
afterEach(() => {
  rmSync(base, { recursive: true, force: true });
});

const setting: Setting = { linkIndex: 2, interface: 'eth0', family: 'ipv4', key: 'rp_filter' };
const record: SettingRecord = { ...setting, before: '0', written: '2' };

describe('the settings of an interface', () => {
  beforeEach(() => {
    for (const name of ['eth0', 'all', 'default']) {
      mkdirSync(join(base, 'ipv4/conf', name), { recursive: true });
      writeFileSync(join(base, 'ipv4/conf', name, 'rp_filter'), '1\n');
    }
  });

  test('are read without their line end, and written', () => {
    const target = createSettingsTarget(base);
    expect(target.read(setting)).toBe('1');
    expect(target.write(setting, '2')).toEqual({ ok: true });
    expect(readFileSync(join(base, 'ipv4/conf/eth0/rp_filter'), 'utf8')).toMatch(/^2/u);
  });

  test.each(['all', 'default', '.', '..', '../../ipv4/conf/eth0', 'eth0/../all', '', 'a b', 'sixteen-letters-'])(
    'SECU-4: the name %j is no single interface: it is neither read nor written',
    (name) => {
      const target = createSettingsTarget(base);
      const named = { ...setting, interface: name };
      expect(target.read(named)).toBeNull();
      expect(target.write(named, '2')).toMatchObject({ ok: false, retry: 'permanent', code: 'kernel.refused' });
      for (const each of ['eth0', 'all', 'default']) {
        expect(readFileSync(join(base, 'ipv4/conf', each, 'rp_filter'), 'utf8')).toBe('1\n');
      }
    },
  );

  test('one that does not exist is null, and to write it makes no file', () => {
    const target = createSettingsTarget(base);
    const gone = { ...setting, interface: 'eth9' };
    expect(target.read(gone)).toBeNull();
    expect(target.write(gone, '2')).toMatchObject({ ok: false, retry: 'satisfied', code: 'kernel.vanished' });
    const unknown = { ...setting, key: 'forwarding' } as const;
    expect(target.write(unknown, '2')).toMatchObject({ retry: 'satisfied' });
    expect(target.read(unknown)).toBeNull();
  });

  test.each(['', '2\n3', 'yes', '1e3', '99999999999'])('the value %j is no number and is not written', (value) => {
    expect(createSettingsTarget(base).write(setting, value)).toMatchObject({ ok: false, code: 'kernel.refused' });
  });
});

describe('the journal of settings', () => {
  const here = { boot: 'b1', namespace: 'net:[1]' };

  test('ROUT-8: a record is on disk when add returns, and is found by the next process', () => {
    const { journal } = openSettingsJournal(base, here);
    expect(journal.add(record)).toEqual({ ok: true });
    const found = openSettingsJournal(base, here);
    expect(found.problems).toEqual([]);
    expect([...found.journal.records]).toEqual([[settingKey(record), record]]);
    expect(found.journal.remove(record)).toEqual({ ok: true });
    expect(found.journal.remove(record)).toEqual({ ok: true });
    expect(openSettingsJournal(base, here).journal.records.size).toBe(0);
  });

  test('records of an earlier boot are dropped: those links and their settings are no more', () => {
    openSettingsJournal(base, { ...here, boot: 'b0' }).journal.add(record);
    expect(openSettingsJournal(base, here).journal.records.size).toBe(0);
  });

  test('records of another network namespace are not ours, and are kept for it', () => {
    const there = { ...here, namespace: 'net:[2]' };
    openSettingsJournal(base, there).journal.add(record);
    const { journal } = openSettingsJournal(base, here);
    expect(journal.records.size).toBe(0);
    journal.add({ ...record, interface: 'wlan0' });
    journal.remove({ ...record, interface: 'wlan0' });
    expect(openSettingsJournal(base, there).journal.records.size).toBe(1);
  });

  test("two daemons of different namespaces that share a state directory keep each other's newest records", () => {
    const there = { ...here, namespace: 'net:[2]' };
    const theirs = { ...record, interface: 'wwan0' };
    const ours = openSettingsJournal(base, here).journal;
    const others = openSettingsJournal(base, there).journal;
    ours.add(record);
    others.add(theirs);
    ours.add({ ...record, interface: 'wlan0', linkIndex: 3 });
    expect([...openSettingsJournal(base, there).journal.records.values()]).toEqual([theirs]);
    expect(openSettingsJournal(base, here).journal.records.size).toBe(2);
    others.remove(theirs);
    ours.remove(record);
    expect(openSettingsJournal(base, there).journal.records.size).toBe(0);
  });

  test('a file that was damaged meanwhile is set aside, and what was last known of others is written with our own', () => {
    const there = { ...here, namespace: 'net:[2]' };
    openSettingsJournal(base, there).journal.add(record);
    const { journal } = openSettingsJournal(base, here);
    writeFileSync(join(base, 'settings.json'), '{');
    expect(journal.add(record)).toEqual({ ok: true });
    expect(readFileSync(join(base, 'settings.json.damaged-1'), 'utf8')).toBe('{');
    for (const scope of [here, there]) {
      expect([...openSettingsJournal(base, scope).journal.records.values()]).toEqual([record]);
    }
  });

  test('where nothing can be written the result says so, and the record is not kept', () => {
    const file = join(base, 'file');
    writeFileSync(file, '');
    const { journal } = openSettingsJournal(file, here);
    expect(journal.add(record)).toMatchObject({ ok: false, code: 'state.unwritable' });
    expect(journal.records.size).toBe(0);
  });

  test.each([
    ['"key":"rp_filter"', '"key":"../x"'],
    ['"linkIndex":2', '"linkIndex":2.5'],
    ['"before":"0"', '"before":0'],
    ['"family":"ipv4"', '"family":"ipx"'],
    ['"boot":"b1"', '"boot":1'],
  ])('a record with %s turned into %s makes the file a damaged one', (good, bad) => {
    openSettingsJournal(base, here).journal.add(record);
    const path = join(base, 'settings.json');
    const text = readFileSync(path, 'utf8');
    expect(text).toContain(good);
    writeFileSync(path, text.replace(good, bad));
    const { journal, problems } = openSettingsJournal(base, here);
    expect(problems).toMatchObject([{ code: 'state.damaged' }]);
    expect(journal.records.size).toBe(0);
  });
});

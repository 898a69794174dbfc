import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { usageFormat } from '../../../../src/adapters/usage/usage.format.ts';
import { openUsageFile } from '../../../../src/adapters/usage/usage-file.ts';
import { defaultMeteredPolicy } from '../../../../src/model/config.ts';
import type { UsageRecord } from '../../../../src/model/usage.ts';

const scope = { boot: 'b1', namespace: 'net:[1]' };
const record: UsageRecord = {
  accounts: [
    {
      identity: 'usb serial R58M123',
      name: 'usb0',
      policy: { ...defaultMeteredPolicy, timeZone: 'Europe/Berlin' },
      receivedBytes: 5e9,
      sentBytes: 12,
      since: Date.UTC(2026, 0, 1),
      lastSeen: Date.UTC(2026, 10, 5),
      anchor: Date.UTC(2026, 0, 1),
      periods: [{ start: Date.UTC(2026, 10, 1), end: Date.UTC(2026, 11, 1), usedBytes: 700, told: 'at75' }],
      current: Date.UTC(2026, 10, 1),
    },
  ],
  baselines: [{ index: 5, identity: 'usb serial R58M123', receivedBytes: 9, sentBytes: 3 }],
};

function place() {
  const directory = mkdtempSync(join(tmpdir(), 'backhauld-usage-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const told: string[] = [];
  const runtimeDirectory = join(directory, 'run');
  mkdirSync(runtimeDirectory);
  const open = (where = scope, into = directory) =>
    openUsageFile({
      directory: into,
      runtimeDirectory,
      scope: where,
      onProblem: ({ code }) => told.push(code),
      onSolved: ({ code }) => told.push(`solved ${code}`),
    });
  return { directory, runtimeDirectory, path: join(directory, 'usage.json'), told, open };
}

describe('TETH-4: usage.json', () => {
  test('holds what was written, for its owner alone', async () => {
    const { path, open, told } = place();
    const first = open();
    expect(first).toMatchObject({ record: null, continuity: 'unrelated' });
    await first.save(record);
    expect(open()).toMatchObject({ record, continuity: 'continued' });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(told).toEqual([]);
  });

  test.each([
    ['after a reboot counters begin at zero', { ...scope, boot: 'b2' }, 'restarted'],
    ['in another namespace they are those of others', { ...scope, namespace: 'net:[2]' }, 'unrelated'],
    ['without a word on which boot it is nothing is known', { ...scope, boot: '' }, 'unrelated'],
  ])('%s', async (_, now, continuity) => {
    const { open } = place();
    await open().save(record);
    expect(open(now)).toMatchObject({ record, continuity });
  });

  test.each([
    ['cut short', (text: string) => text.slice(0, 200)],
    ['filled with zeros', (text: string) => '\0'.repeat(text.length)],
    ['of a newer version', (text: string) => text.replace('"version":1', '"version":7')],
    ['with a negative count', (text: string) => text.replace('5000000000', '-5')],
    ['with an unknown time zone', (text: string) => text.replace('Europe/Berlin', 'Mars/Olympus')],
    ['empty', () => ''],
  ])('that is %s is set aside and said, and counting begins anew', async (_, spoil) => {
    const { path, directory, open, told } = place();
    await open().save(record);
    const spoilt = spoil(readFileSync(path, 'utf8'));
    writeFileSync(path, spoilt);
    const file = open();
    expect(file.record).toBeNull();
    expect(told).toEqual(['state.damaged']);
    await file.save(record);
    expect(readFileSync(join(directory, 'usage.json.damaged-1'), 'utf8')).toBe(spoilt);
    expect(open().record).toEqual(record);
  });

  test('that cannot be written is said once, and once more when it can be', async () => {
    const { directory, open, told } = place();
    const file = open(scope, join(directory, 'taken'));
    writeFileSync(join(directory, 'taken'), '');
    await file.save(record);
    await file.save(record);
    expect(told).toEqual(['state.unwritable']);
    rmSync(join(directory, 'taken'));
    await file.save(record);
    expect(told).toEqual(['state.unwritable', 'solved state.unwritable']);
    expect(readdirSync(join(directory, 'taken'))).toEqual(['usage.json']);
  });

  test('what is noted in memory outlives the process, and no reboot; it is cleared away at the end', async () => {
    const { directory, runtimeDirectory, open } = place();
    const more = { ...record, baselines: [] };
    const file = open();
    await file.save(record);
    await file.note(more);
    expect(JSON.parse(readFileSync(join(directory, 'usage.json'), 'utf8'))).toMatchObject({ data: record });
    expect(open().record, 'killed').toEqual(more);
    expect(open({ ...scope, boot: 'b2' }).record, 'started anew').toEqual(record);
    expect(open(scope, join(directory, 'other')).record, 'another state directory').toBeNull();
    await open().save(record);
    expect(open().record, 'what is saved is newer').toEqual(record);
    await open().close(more);
    expect(open().record).toEqual(more);
    expect(readdirSync(runtimeDirectory)).toEqual([]);
  });

  test('nothing that could stand in it makes the program fall', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom('accounts', 'baselines', 'boot'), (value, place) => {
        const parsed = usageFormat.parse({ ...scope, of: '/x', serial: 1, ...record, [place]: value });
        expect(parsed === undefined || typeof parsed.boot === 'string').toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});

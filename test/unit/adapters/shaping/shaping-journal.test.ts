import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openShapingJournal, shapingFile } from '../../../../src/adapters/shaping/shaping.journal.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'backhauld-shaping-journal-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});
const here = { boot: 'a', namespace: 'net:[1]' };
const open = (scope = here) => openShapingJournal(directory, scope);

describe('the record that traffic is shared out', () => {
  test('ROUT-8: outlives the process, holds for its namespace and boot only, and is gone when all is given back', () => {
    const { journal } = open();
    expect(journal.isRecorded).toBe(false);
    expect([journal.record(), journal.record()]).toEqual([{ ok: true }, { ok: true }]);
    expect(open().journal.isRecorded).toBe(true);
    expect(open({ ...here, boot: 'b' }).journal.isRecorded).toBe(false);
    const other = open({ ...here, namespace: 'net:[2]' }).journal;
    expect(other.isRecorded).toBe(false);
    other.record();
    expect(journal.forget()).toEqual({ ok: true });
    expect(open().journal.isRecorded).toBe(false);
    expect(readFileSync(join(directory, shapingFile), 'utf8')).toContain('net:[2]');
    other.forget();
    expect(existsSync(join(directory, shapingFile))).toBe(false);
  });

  test('ROUT-8: a damaged one is set aside and said, and where none can be written nothing is to be changed', () => {
    writeFileSync(join(directory, shapingFile), '{"format":"shaping.json","version":1,"data":[{"boot":7}]}');
    const { journal, problems } = open();
    expect(problems).toMatchObject([{ code: 'state.damaged' }]);
    expect(journal.isRecorded).toBe(false);
    const nowhere = openShapingJournal('/proc/no-such-place', here).journal;
    expect(nowhere.record()).toMatchObject({ ok: false, code: 'state.unwritable' });
    expect(nowhere.isRecorded).toBe(false);
  });
});

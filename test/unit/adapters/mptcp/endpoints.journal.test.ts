import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openEndpointJournal, type EndpointRecord } from '../../../../src/adapters/mptcp/endpoints.journal.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'backhauld-mptcp-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const here = { boot: 'this', namespace: 'net:[1]' };
const record: EndpointRecord = {
  endpoints: [{ id: 255, address: '192.0.2.1' }],
  limits: { before: { acceptedAddresses: 0, subflows: 2 }, written: { acceptedAddresses: 0, subflows: 8 } },
};
const open = (scope = here) => openEndpointJournal(directory, scope);

describe('the record of what was announced to MPTCP', () => {
  test('is there for the next run in the same namespace, and for no other', () => {
    expect(open().journal.save(record)).toBeNull();
    expect(open().journal.record).toEqual(record);
    expect(open({ ...here, namespace: 'net:[2]' }).journal.record).toEqual({ endpoints: [], limits: null });
    expect(open({ ...here, boot: 'another' }).journal.record).toEqual({ endpoints: [], limits: null });
  });

  test('of another namespace outlives ours', () => {
    const other = { ...here, namespace: 'net:[2]' };
    open(other).journal.save(record);
    const { journal } = open();
    journal.save(record);
    journal.save({ endpoints: [], limits: null });
    expect(open(other).journal.record).toEqual(record);
    expect(readFileSync(join(directory, 'mptcp.json'), 'utf8')).not.toContain('net:[1]');
  });

  test('that is damaged is set aside and said', () => {
    writeFileSync(join(directory, 'mptcp.json'), '{"format":"mptcp.json","version":1,"data":[{"boot":1}]}');
    const { journal, problems } = open();
    expect(problems.map(({ code }) => code)).toEqual(['state.damaged']);
    expect(journal.record.endpoints).toEqual([]);
  });

  test('that cannot be written is a problem, and is not taken for written', () => {
    const { journal } = openEndpointJournal('/proc/none', here);
    expect(journal.save(record)?.code).toBe('state.unwritable');
    expect(journal.record.endpoints).toEqual([]);
  });
});

import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDnsJournal } from '../../../../src/adapters/dns/dns.journal.ts';
import type { DnsRecord } from '../../../../src/model/dns.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'dns-journal-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

const here = { boot: 'b1', namespace: 'net:[1]' };
const file: DnsRecord = {
  manager: 'file',
  linkIndex: 0,
  name: '/etc/resolv.conf',
  before: '\u00ff\r\n',
  written: ['x'],
};
const link: DnsRecord = { manager: 'resolved', linkIndex: 11, name: 'eth0', before: 'dns=', written: ['a', null] };
const read = (scope: typeof here) => [...openDnsJournal(directory, scope).journal.records.values()];

test('ROUT-9: records are on disk, for their owner alone, and found again', () => {
  const { journal } = openDnsJournal(directory, here);
  expect(journal.put(file)).toEqual({ ok: true });
  expect(journal.put(link)).toEqual({ ok: true });
  expect(statSync(join(directory, 'name-servers.json')).mode & 0o777).toBe(0o600);
  expect(read(here)).toEqual([file, link]);
  expect(journal.remove(file)).toEqual({ ok: true });
  expect(read(here)).toEqual([link]);
});

test('ROUT-9: a file outlives the boot and its record does too; what links had does not', () => {
  const { journal } = openDnsJournal(directory, here);
  journal.put(file);
  journal.put(link);
  expect(read({ boot: 'b2', namespace: 'net:[7]' })).toEqual([file]);
});

test('records of another network namespace are neither used nor lost', () => {
  openDnsJournal(directory, here).journal.put(link);
  const other = { ...here, namespace: 'net:[2]' };
  expect(read(other)).toEqual([]);
  openDnsJournal(directory, other).journal.put(file);
  expect(read(here)).toEqual([link]);
});

test.each([
  ['no JSON', '{'],
  ['another file to be written', JSON.stringify([{ ...here, records: [{ ...file, name: '/etc/shadow' }] }])],
  ['an option in place of a name', JSON.stringify([{ ...here, records: [{ ...link, name: '--x' }] }])],
])('a journal with %s is set aside and never used', (_, data) => {
  writeFileSync(
    join(directory, 'name-servers.json'),
    data === '{' ? data : `{"format":"name-servers.json","version":1,"data":${data}}`,
  );
  const { journal, problems } = openDnsJournal(directory, here);
  expect(journal.records.size).toBe(0);
  expect(problems).toMatchObject([{ code: 'state.damaged' }]);
  expect(readdirSync(directory)).toEqual(['name-servers.json.damaged-1']);
  journal.put(file);
  expect(readFileSync(join(directory, 'name-servers.json.damaged-1'), 'utf8')).toContain(data.slice(0, 20));
});

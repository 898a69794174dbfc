import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openLinkJournal } from '../../../../src/adapters/links/link.journal.ts';
import { done, type AddressRecord, type LinkRecord } from '../../../../src/model/network.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'links-'));
});
afterEach(() => {
  chmodSync(directory, 0o700);
  rmSync(directory, { recursive: true });
});

const here = { boot: 'b', namespace: 'n' };
const open = (scope = here) => openLinkJournal(directory, scope);
const address: AddressRecord = {
  family: 'ipv4',
  linkIndex: 7,
  interface: 'usb0',
  address: '192.168.42.5',
  prefixLength: 24,
};
const link: LinkRecord = { linkIndex: 7, interface: 'usb0', wasRaised: true, mtu: { before: 1500, written: 1400 } };

test('ROUT-8: what is recorded is there for the next run, readable by nobody else', () => {
  const { journal } = open();
  expect([journal.putAddress(address), journal.putLink(link)]).toEqual([done, done]);
  expect(statSync(join(directory, 'links.json')).mode & 0o777).toBe(0o600);
  const next = open().journal;
  expect([...next.addresses.values()]).toEqual([address]);
  expect([...next.links.values()]).toEqual([link]);
  expect([next.removeAddress(address), next.removeLink(link), next.removeLink(link)]).toEqual([done, done, done]);
  expect(open().journal.addresses.size).toBe(0);
});

test('what was recorded in another network namespace is kept for it, that of another boot is dropped', () => {
  const other = { boot: 'b', namespace: 'other' };
  open(other).journal.putAddress(address);
  open({ boot: 'before', namespace: 'n' }).journal.putLink(link);
  const { journal } = open();
  expect([journal.addresses.size, journal.links.size]).toEqual([0, 0]);
  journal.putLink(link);
  journal.removeLink(link);
  expect([...open(other).journal.addresses.values()]).toEqual([]);
  open(other).journal.putAddress(address);
  open().journal.putLink(link);
  expect([...open(other).journal.addresses.values()]).toEqual([address]);
});

test.each([
  '',
  '\0\0\0\0',
  '{"format":"links.json","version":1,"data":[{"boot":"b"}]}',
  '{"format":"links.json","version":9}',
])('a file of %j is set aside, and never written over', (text) => {
  writeFileSync(join(directory, 'links.json'), text);
  const { journal, problems } = open();
  expect(problems).toMatchObject([{ code: 'state.damaged' }]);
  journal.putLink(link);
  expect(readFileSync(join(directory, 'links.json.damaged-1'), 'utf8')).toBe(text);
});

test('where nothing can be written, that is said, and nothing counts as recorded', () => {
  const { journal } = openLinkJournal('/proc/nowhere', here);
  expect(journal.putAddress(address)).toMatchObject({ ok: false, code: 'state.unwritable' });
  expect(journal.addresses.size).toBe(0);
});

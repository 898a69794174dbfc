import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { belongsToOtherNetwork } from '../../../../src/adapters/dns/own-surroundings.ts';
import { readResolvConf, writeResolvConf } from '../../../../src/adapters/dns/resolv-conf.file.ts';

let directory = '';
let file = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'resolv-conf-'));
  file = join(directory, 'resolv.conf');
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

test('ROUT-9: bytes that are no text come back as they were, with the permissions the file had', () => {
  const bytes = Buffer.from([0xff, 0x00, 0x0d, 0x0a, 0xc3, 0x28]);
  writeFileSync(file, bytes);
  chmodSync(file, 0o640);
  const reading = readResolvConf(file);
  expect(writeResolvConf(file, 'nameserver 192.0.2.1\n')).toEqual({ ok: true });
  expect(readFileSync(file, 'utf8')).toBe('nameserver 192.0.2.1\n');
  expect(lstatSync(file).mode & 0o777).toBe(0o640);
  expect('value' in reading && writeResolvConf(file, reading.value)).toEqual({ ok: true });
  expect(readFileSync(file)).toEqual(bytes);
  expect(readdirSync(directory)).toEqual(['resolv.conf']);
});

test('ROUT-9: where there was no file there is none at the end', () => {
  expect(readResolvConf(file)).toEqual({ value: null });
  writeResolvConf(file, 'nameserver 192.0.2.1\n');
  expect(lstatSync(file).mode & 0o777).toBe(0o644);
  writeResolvConf(file, null);
  expect(readdirSync(directory)).toEqual([]);
});

test.each([
  ['a symbolic link', () => symlinkSync('/nowhere', file)],
  ['a directory', () => mkdirSync(file)],
  ['a file that nobody may write', () => writeFileSync(file, '', { mode: 0o444 })],
  ['a file that is far too long', () => (writeFileSync(file, ''), truncateSync(file, 1e6))],
])('ROUT-9: %s is left alone, and that is said', (_, make) => {
  make();
  expect(readResolvConf(file)).toMatchObject({ problem: { code: 'dns.conflict', subject: file }, isGone: true });
});

test('what cannot be written is a value', () => {
  expect(writeResolvConf(join(directory, 'missing', 'resolv.conf'), 'x')).toMatchObject({
    ok: false,
    retry: 'retryable',
  });
});

test('ROUT-9: a path is another network’s when process 1 sees the same one from another namespace', () => {
  const proc = join(directory, 'proc');
  for (const who of ['self', '1']) mkdirSync(join(proc, who, 'ns'), { recursive: true });
  writeFileSync(file, '');
  symlinkSync('/', join(proc, '1', 'root'));
  symlinkSync('net:[1]', join(proc, 'self/ns/net'));
  expect(belongsToOtherNetwork(file, proc)).toBe(false);
  symlinkSync('net:[1]', join(proc, '1/ns/net'));
  expect(belongsToOtherNetwork(file, proc)).toBe(false);
  rmSync(join(proc, '1/ns/net'));
  symlinkSync('net:[2]', join(proc, '1/ns/net'));
  expect(belongsToOtherNetwork(file, proc)).toBe(true);
  rmSync(join(proc, '1/root'));
  mkdirSync(join(proc, '1/root', directory), { recursive: true });
  writeFileSync(join(proc, '1/root', file), '');
  expect(belongsToOtherNetwork(file, proc)).toBe(false);
});

import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openLeaseMemory } from '../../../../src/adapters/dhcp/lease.memory.ts';
import type { Problem } from '../../../../src/model/errors.ts';
import type { HeldLease } from '../../../../src/model/lease.ts';
import { milliseconds, seconds } from '../../../../src/model/units.ts';

let directory = '';
let now = 0;
let problems: Problem[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'leases-'));
  now = 1_000_000;
  problems = [];
});
afterEach(() => rmSync(directory, { recursive: true }));

const open = (scope = { boot: 'b', namespace: 'n' }, place = directory) =>
  openLeaseMemory({
    directory: place,
    scope,
    bootClock: { sinceBoot: () => milliseconds(now) },
    onProblem: (problem) => problems.push(problem),
  });

const held = (index: number, duration: number | null): HeldLease => ({
  index,
  name: `usb${index}`,
  lease: {
    address: '10.0.0.2',
    prefixLength: 24,
    gateway: '10.0.0.1',
    routes: [{ destination: '10.9.0.0/16', gateway: null }],
    dns: ['10.0.0.1'],
    mtu: null,
    server: '10.0.0.1',
    duration: duration === null ? null : seconds(duration),
  },
});

test('ROUT-8: the next run knows what was held, and what is left of its time', async () => {
  const memory = open();
  memory.note(held(7, 600));
  memory.note(held(8, 5));
  memory.note(held(9, null));
  memory.note(held(10, 600));
  memory.forget(10);
  await memory.settled();
  expect(statSync(join(directory, 'leases.json')).mode & 0o777).toBe(0o600);
  now += 5000;
  expect(open().remembered).toEqual([held(7, 595), held(9, null)]);
});

test('what was held in another boot or another network namespace is not remembered', async () => {
  const memory = open();
  memory.note(held(7, 600));
  await memory.settled();
  expect(open({ boot: 'later', namespace: 'n' }).remembered).toEqual([]);
  expect(open({ boot: 'b', namespace: 'other' }).remembered).toEqual([]);
});

test.each([
  '',
  '\0\0\0',
  '{"format":"leases.json","version":1,"data":{"boot":"b","namespace":"n","leases":[{"index":1}]}}',
])('a file of %j is set aside, and that is said', (text) => {
  writeFileSync(join(directory, 'leases.json'), text);
  expect(open().remembered).toEqual([]);
  expect(problems).toMatchObject([{ code: 'state.damaged' }]);
  expect(readFileSync(join(directory, 'leases.json.damaged-1'), 'utf8')).toBe(text);
});

test('where nothing can be written, that is said once', async () => {
  const memory = open(undefined, '/proc/nowhere');
  memory.note(held(7, 600));
  await memory.settled();
  memory.note(held(8, 600));
  await memory.settled();
  expect(problems.map(({ code }) => code)).toEqual(['state.unwritable']);
});

test('a lease of a few seconds is not written at each renewal, and a longer one is', async () => {
  const memory = open();
  const written = async (): Promise<string> => {
    await memory.settled();
    return readFileSync(join(directory, 'leases.json'), 'utf8');
  };
  memory.note(held(7, 5));
  const first = await written();
  for (const at of [2500, 5000, 7500]) {
    now = 1_000_000 + at;
    memory.note(held(7, 5));
    expect(await written()).toBe(first);
  }
  now = 1_010_000;
  memory.note(held(7, 5));
  const second = await written();
  expect(second).not.toBe(first);
  memory.note(held(7, 20));
  expect(await written(), 'another one').not.toBe(second);
});

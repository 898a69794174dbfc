import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openStateFile } from '../../../../src/adapters/state-files/state-file.ts';

let base = '';
let directory = '';
let path = '';
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'backhaul-state-'));
  directory = join(base, 'deep', 'state');
  path = join(directory, 'numbers.json');
});
afterEach(() => {
  rmSync(base, { recursive: true, force: true });
});

const open = (version = 1) =>
  openStateFile<readonly number[]>(directory, {
    name: 'numbers.json',
    version,
    parse: (data) => (Array.isArray(data) && data.every((item) => typeof item === 'number') ? data : undefined),
  });

test('what was written is read again, by whoever opens the file next', () => {
  expect(open().read()).toEqual({ value: null, problems: [] });
  expect(open().write([1, 2])).toBeNull();
  expect(open().write([3])).toBeNull();
  expect(open().read()).toEqual({ value: [3], problems: [] });
});

test('the directory is made for its owner alone, and so is the file', () => {
  open().write([1]);
  expect(statSync(directory).mode & 0o777).toBe(0o700);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(directory)).toEqual(['numbers.json']);
});

test('a file that others may read is theirs no more after it was written', () => {
  open().write([1]);
  chmodSync(path, 0o666);
  open().write([2]);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

describe('a damaged file', () => {
  const whole = '{"format":"numbers.json","version":1,"data":[1,2,3]}\n';
  test.each([
    ['is cut', whole.slice(0, 30), /no JSON/],
    ['is empty', '', /no JSON/],
    ['is full of zeros', '\0'.repeat(50), /no JSON/],
    ['is newer', whole.replace('"version":1', '"version":2'), /has version 2; this program reads version 1/],
    ['has no version', whole.replace('"version":1,', ''), /has version no/],
    ['is another file', whole.replace('numbers', 'letters'), /does not say/],
    ['has values of other types', whole.replace('1,2', '1,"2"'), /content is not what belongs there/],
    ['has no data', whole.replace('data', 'date'), /content is not what belongs there/],
    ['is null', 'null', /does not say/],
  ])('that %s is set aside with a problem, and not overwritten', (_what, text, message) => {
    mkdirSync(directory, { recursive: true });
    writeFileSync(path, text);
    const file = open();
    expect(file.read()).toEqual({
      value: null,
      problems: [
        {
          code: 'state.damaged',
          subject: path,
          message: expect.stringMatching(message) as unknown,
          remedy: expect.stringContaining(`${path}.damaged-1`) as unknown,
        },
      ],
    });
    expect(file.write([4])).toBeNull();
    expect(readFileSync(`${path}.damaged-1`, 'utf8')).toBe(text);
    expect(file.read()).toEqual({ value: [4], problems: [] });
  });

  test('gets a number of its own each time', () => {
    mkdirSync(directory, { recursive: true });
    for (const text of ['one', 'two']) {
      writeFileSync(path, text);
      open().read();
    }
    expect(readFileSync(`${path}.damaged-1`, 'utf8')).toBe('one');
    expect(readFileSync(`${path}.damaged-2`, 'utf8')).toBe('two');
  });

  test('a link to elsewhere is set aside, and what it leads to is untouched', () => {
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(base, 'elsewhere'), whole);
    symlinkSync(join(base, 'elsewhere'), path);
    const file = open();
    expect(file.read().problems).toMatchObject([{ code: 'state.damaged', message: 'cannot be read (ELOOP)' }]);
    file.write([4]);
    expect(readFileSync(join(base, 'elsewhere'), 'utf8')).toBe(whole);
  });
});

test('a place that cannot be written is a problem, and what stood there stays', () => {
  mkdirSync(join(base, 'deep'));
  writeFileSync(directory, 'a file in the place of the directory');
  expect(open().write([1])).toMatchObject({ code: 'state.unwritable', subject: path });
  expect(readFileSync(directory, 'utf8')).toBe('a file in the place of the directory');
});

test('a write that fails halfway is a problem, and the old content stays', () => {
  open().write([1]);
  mkdirSync(`${path}.new`);
  expect(open().write([2])).toMatchObject({ code: 'state.unwritable' });
  expect(open().read()).toEqual({ value: [1], problems: [] });
});

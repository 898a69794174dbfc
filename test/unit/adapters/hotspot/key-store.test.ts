import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';

import { makePassphrase, openKeyStore, type KeyStore } from '../../../../src/adapters/hotspot/key-store.ts';
import type { Problem } from '../../../../src/model/errors.ts';

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'backhauld-keys-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

function storeIn(
  directory: string,
  { fixed = null, now = 1_000_000 }: { fixed?: string | null; now?: number } = {},
): { readonly store: KeyStore; readonly problems: Problem[]; readonly solved: Problem[] } {
  const problems: Problem[] = [];
  const solved: Problem[] = [];
  const store = openKeyStore({
    directory,
    fixed,
    now: () => now,
    onProblem: (problem) => problems.push(problem),
    onSolved: (problem) => solved.push(problem),
  });
  return { store, problems, solved };
}

const file = 'hotspot-keys.json';

describe('a key that is made', () => {
  test('SECU-2: is easy to type: groups of four, no character that looks like another', () => {
    for (let made = 0; made < 200; made += 1) {
      expect(makePassphrase()).toMatch(/^[a-km-np-z2-9]{4}(?:-[a-km-np-z2-9]{4}){3}$/u);
    }
  });

  test('SECU-2: has 80 bits: each of its characters is chosen by five of the generator alone', () => {
    const asked: number[] = [];
    const countingUp = (bytes: number): Uint8Array => {
      asked.push(bytes);
      return Uint8Array.from({ length: bytes }, (_, at) => at);
    };
    const upper = (bytes: number): Uint8Array => Uint8Array.from({ length: bytes }, (_, at) => at + 16);
    const characters = (makePassphrase(countingUp) + makePassphrase(upper)).replaceAll('-', '');
    expect(asked).toEqual([16]);
    expect(new Set(characters).size).toBe(32);
  });

  test('SECU-2: is another each time', () => {
    expect(new Set(Array.from({ length: 1000 }, () => makePassphrase())).size).toBe(1000);
  });
});

describe('the keys of the hotspot', () => {
  test('are made when they are asked for, and stay the same', () => {
    const { store, problems } = storeIn(folder());
    const [first, second] = store.keysFor([1, 2]);
    expect(first?.passphrase).not.toBe(second?.passphrase);
    expect(store.keysFor([2, 1])).toEqual([second, first]);
    expect(store.passphraseOf(2)).toBe(second?.passphrase);
    expect(problems).toEqual([]);
  });

  test('outlive the daemon, with the number of the last one and how old it is', () => {
    const directory = folder();
    const before = storeIn(directory, { now: 5000 }).store;
    expect(before.last()).toBeNull();
    const keys = before.keysFor([7, 8]);
    const after = storeIn(directory, { now: 65_000 }).store;
    expect(after.last()).toEqual({ number: 8, age: 60_000 });
    expect(after.keysFor([7, 8])).toEqual(keys);
  });

  test('a clock that was set back makes no key younger than new', () => {
    const directory = folder();
    storeIn(directory, { now: 5000 }).store.keysFor([1]);
    expect(storeIn(directory, { now: 1000 }).store.last()).toEqual({ number: 1, age: 0 });
  });

  test('SECU-2: those older than all that are wanted are forgotten, and nobody gets them back', () => {
    const directory = folder();
    const { store } = storeIn(directory);
    const [old] = store.keysFor([1, 2]);
    store.keysFor([2, 3]);
    expect(readFileSync(join(directory, file), 'utf8')).not.toContain(old?.passphrase);
    expect(store.keysFor([1])[0]?.passphrase).not.toBe(old?.passphrase);
  });

  test('asking for one to show it forgets none, and neither does asking for none', () => {
    const { store } = storeIn(folder());
    const keys = store.keysFor([1, 2]);
    store.passphraseOf(2);
    store.keysFor([]);
    expect(store.keysFor([1, 2])).toEqual(keys);
  });

  test('SECU-4: are on disk for their owner alone', () => {
    const directory = join(folder(), 'state');
    storeIn(directory).store.keysFor([1]);
    expect((statSync(join(directory, file)).mode & 0o777).toString(8)).toBe('600');
    expect((statSync(directory).mode & 0o777).toString(8)).toBe('700');
  });

  test.each([
    ['cut short', '{"format":"hotspot-keys.json","version":1,"da'],
    ['filled with zeros', '\0'.repeat(200)],
    ['from a newer version', '{"format":"hotspot-keys.json","version":2,"data":[]}'],
    [
      'with a key that is none',
      '{"format":"hotspot-keys.json","version":1,"data":[{"number":1,"passphrase":"short"}]}',
    ],
    [
      'with two keys of one number',
      `{"format":"hotspot-keys.json","version":1,"data":[${Array(2).fill('{"number":1,"passphrase":"abcd-efgh","madeAt":0}').join()}]}`,
    ],
  ])('a file %s is set aside, named, and others are made', (_, text) => {
    const directory = folder();
    writeFileSync(join(directory, file), text);
    const { store, problems } = storeIn(directory);
    expect(problems).toMatchObject([{ code: 'state.damaged' }]);
    expect(store.keysFor([1])[0]?.passphrase).toMatch(/^\S{19}$/u);
    expect(readdirSync(directory).toSorted()).toEqual([file, `${file}.damaged-1`]);
    expect(readFileSync(join(directory, `${file}.damaged-1`), 'utf8')).toBe(text);
  });

  test('where nothing can be written they hold for this run, and that is said until it is mended', () => {
    const directory = join(folder(), 'state');
    const { store, problems, solved } = storeIn(directory);
    writeFileSync(directory, 'no directory');
    const keys = store.keysFor([1]);
    expect(store.keysFor([1])).toEqual(keys);
    expect(problems).toMatchObject([{ code: 'state.unwritable' }]);
    rmSync(directory);
    expect(store.keysFor([1])).toEqual(keys);
    expect(solved).toMatchObject([{ code: 'state.unwritable' }]);
    expect(storeIn(directory).store.keysFor([1])).toEqual(keys);
  });

  test('a passphrase of the configuration is the key of every number, and is written nowhere', () => {
    const directory = folder();
    const { store } = storeIn(directory, { fixed: 'correct horse' });
    expect(store.keysFor([3, 4])).toEqual([
      { number: 3, passphrase: 'correct horse' },
      { number: 4, passphrase: 'correct horse' },
    ]);
    expect({ last: store.last(), shown: store.passphraseOf(4), files: readdirSync(directory) }).toEqual({
      last: null,
      shown: 'correct horse',
      files: [],
    });
  });
});

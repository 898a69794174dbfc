/**
 * The keys of the hotspot, kept from one run of the daemon to the next: clients that know a key shall need no other one
 * because the node has been started again.
 */
import { randomBytes } from 'node:crypto';

import type { HotspotKey, KeySource } from '../../effects/ports.ts';
import type { Problem } from '../../model/errors.ts';
import { milliseconds, type Milliseconds } from '../../model/units.ts';
import { openStateFile, type StateFileFormat } from '../state-files/state-file.ts';

/** 32 characters, so that five bits of a byte choose one without bias; none that look like another: no 0, 1, l, o. */
const alphabet = 'abcdefghijkmnpqrstuvwxyz23456789';
const groups = 4;
const groupLength = 4;

/** A key of 80 bits that is easy to type: `k7wm-2hxa-9tqe-dz4n`. `random` gives so many bytes. */
export function makePassphrase(random: (bytes: number) => Uint8Array = randomBytes): string {
  const characters = [...random(groups * groupLength)].map((byte) => alphabet.charAt(byte % alphabet.length)).join('');
  return (characters.match(new RegExp(`.{${groupLength}}`, 'gu')) ?? []).join('-');
}

interface StoredKey extends HotspotKey {
  /** Milliseconds since the epoch: it has to mean something to the next run. */
  readonly madeAt: number;
}

const isStoredKey = (value: unknown): value is StoredKey =>
  typeof value === 'object' &&
  value !== null &&
  'number' in value &&
  Number.isSafeInteger(value.number) &&
  Number(value.number) >= 1 &&
  'passphrase' in value &&
  typeof value.passphrase === 'string' &&
  /^[\x20-\x7e]{8,63}$/u.test(value.passphrase) &&
  'madeAt' in value &&
  Number.isFinite(value.madeAt);

const format: StateFileFormat<readonly StoredKey[]> = {
  name: 'hotspot-keys.json',
  version: 1,
  parse(data) {
    if (!Array.isArray(data) || !data.every(isStoredKey)) return undefined;
    return new Set(data.map(({ number }) => number)).size === data.length ? data : undefined;
  },
};

export interface KeyStoreOptions {
  readonly directory: string;
  /** The configured passphrase, which is the key of every number; null: keys are made, and kept. */
  readonly fixed: string | null;
  /** Wall clock, in milliseconds since the epoch. */
  readonly now: () => number;
  readonly onProblem: (problem: Problem) => void;
  /** What was a problem is none any more. */
  readonly onSolved: (problem: Problem) => void;
  readonly random?: (bytes: number) => Uint8Array;
}

export interface KeyStore extends KeySource {
  /** The key of a number, made if need be. Forgets none. */
  passphraseOf(number: number): string;
  /** The last key of the run before, and how long ago it was made; null: there is none. A clock set back counts as no time. */
  last(): { readonly number: number; readonly age: Milliseconds } | null;
  readonly isFixed: boolean;
}

/**
 * Opens the keys in the state directory (`hotspot-keys.json`, mode 0600). Where they cannot be written, they hold for
 * this run, and that is a problem: `state.unwritable`; those that were there stay known. A damaged file is set aside.
 */
export function openKeyStore({ directory, fixed, now, onProblem, onSolved, random }: KeyStoreOptions): KeyStore {
  if (fixed !== null) {
    return {
      isFixed: true,
      keysFor: (numbers) => numbers.map((number) => ({ number, passphrase: fixed })),
      passphraseOf: () => fixed,
      last: () => null,
    };
  }
  const file = openStateFile(directory, format);
  const { value, problems } = file.read();
  for (const problem of problems) onProblem(problem);
  let keys: readonly StoredKey[] = value ?? [];
  let unwritten: Problem | null = null;
  /** Made, and given to nobody: these are forgotten with this run. */
  const reserved = new Map<number, string>();

  const keep = (next: readonly StoredKey[]): void => {
    keys = next;
    const problem = file.write(keys);
    if (problem !== null && unwritten === null) onProblem(problem);
    if (problem === null && unwritten !== null) onSolved(unwritten);
    unwritten = problem;
  };
  const withAll = (numbers: readonly number[]): readonly StoredKey[] => [
    ...keys,
    ...[...new Set(numbers)]
      .filter((number) => keys.every((key) => key.number !== number))
      .map((number) => ({ number, passphrase: reserved.get(number) ?? makePassphrase(random), madeAt: now() })),
  ];
  const passphraseIn = (known: readonly StoredKey[], number: number): string =>
    known.find((key) => key.number === number)?.passphrase ?? '';

  return {
    isFixed: false,
    keysFor(numbers) {
      const oldest = Math.min(...numbers);
      const next = numbers.length === 0 ? keys : withAll(numbers).filter(({ number }) => number >= oldest);
      const isNews = next.length !== keys.length || next.some(({ number }, at) => number !== keys[at]?.number);
      if (isNews || unwritten !== null) keep(next);
      return numbers.map((number) => ({ number, passphrase: passphraseIn(next, number) }));
    },
    upcoming(number) {
      const passphrase = passphraseIn(keys, number) || (reserved.get(number) ?? makePassphrase(random));
      reserved.clear();
      reserved.set(number, passphrase);
      return { number, passphrase };
    },
    passphraseOf(number) {
      const next = withAll([number]);
      if (next.length !== keys.length) keep(next);
      return passphraseIn(next, number);
    },
    last() {
      const latest = keys.toSorted((a, b) => b.number - a.number)[0];
      return latest === undefined
        ? null
        : { number: latest.number, age: milliseconds(Math.max(0, now() - latest.madeAt)) };
    },
  };
}

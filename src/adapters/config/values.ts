import * as v from 'valibot';

import { parseAddress } from '../../model/address.ts';
import {
  formatBytes,
  formatDuration,
  formatRate,
  parseBytes,
  parseDuration,
  parseRate,
  percent,
  type BitsPerSecond,
  type Bytes,
  type Milliseconds,
  type Percent,
} from '../../model/units.ts';

/**
 * The kinds of value a configuration file holds. Every message says what was expected: what was found is added by the
 * reader, which knows the place.
 */

/** A quantity written with its unit: read by `parse`, limited to `from`..`to`, shown by `show`. */
function quantity<T extends number>(
  kind: string,
  example: string,
  parse: (text: string) => T | undefined,
  show: (value: T) => string,
  from: T,
  to: T,
) {
  const expected = `${kind} such as "${example}", from ${show(from)} to ${show(to)}`;
  return v.pipe(
    v.string(expected),
    v.rawTransform<string, T>(({ dataset, addIssue, NEVER }) => {
      const value = parse(dataset.value);
      if (value !== undefined && value >= from && value <= to) return value;
      addIssue({ message: expected });
      return NEVER;
    }),
  );
}

/** A duration with its unit: `250ms`, `15s`, `5m`, `24h`, `30d`. */
export const duration = (from: Milliseconds, to: Milliseconds) =>
  quantity('a duration', '15s', parseDuration, formatDuration, from, to);
/** An amount of data with its unit: `512 MB`, `1 GB`, `1 GiB`. */
export const dataSize = (from: Bytes, to: Bytes) =>
  quantity('an amount of data', '1 GB', parseBytes, formatBytes, from, to);
/** A data rate with its unit: `1000 kbit/s`, `5 Mbit/s`. */
export const dataRate = (from: BitsPerSecond, to: BitsPerSecond) =>
  quantity('a data rate', '5 Mbit/s', parseRate, formatRate, from, to);

const between = (expected: string, from: number, to: number) =>
  v.pipe(v.number(expected), v.minValue(from, expected), v.maxValue(to, expected));

export function integer(from: number, to: number) {
  const expected = `a whole number from ${from} to ${to}`;
  return v.pipe(between(expected, from, to), v.integer(expected));
}

export const number = (from: number, to: number) => between(`a number from ${from} to ${to}`, from, to);

/** A share, written as a plain number of per cent. */
export const share = (from: number, to: number) =>
  v.pipe(between(`per cent, a number from ${from} to ${to}`, from, to), v.transform<number, Percent>(percent));

export const flag = () => v.boolean('true or false');

export const text = (expected: string, longest = 255) =>
  v.pipe(v.string(expected), v.minLength(1, expected), v.maxLength(longest, expected));

export function oneOf<const Options extends readonly string[]>(options: Options) {
  return v.picklist(options, `one of ${options.map((option) => `"${option}"`).join(', ')}`);
}

const nameExpected = 'the name of an interface: 1 to 15 characters, none of them white space, "/" or ":"';

/** The name of an interface as the kernel allows it (dev_valid_name in net/core/dev.c). */
export const interfaceName = () =>
  v.pipe(
    v.string(nameExpected),
    v.check((name) => isInterfaceName(name), nameExpected),
  );

function isInterfaceName(name: string): boolean {
  return name !== '.' && name !== '..' && /^[^\s/:\p{Cc}]+$/u.test(name) && new TextEncoder().encode(name).length <= 15;
}

const globExpected =
  'a pattern of interface names such as "eth*": "*" and "?" stand for any characters, at most 15 others';

/** A pattern of interface names: `*` and `?` are wildcards. */
export const interfaceGlob = () =>
  v.pipe(
    v.string(globExpected),
    v.check((glob) => glob !== '' && isInterfaceName(glob.replaceAll('*', '') || 'x'), globExpected),
  );

/** A literal IP address. */
export function ipAddress(family?: 'ipv4' | 'ipv6') {
  const expected =
    family === undefined
      ? 'an IP address such as "192.168.1.1" or "fe80::1"'
      : family === 'ipv4'
        ? 'an IPv4 address such as "192.168.1.1"'
        : 'an IPv6 address such as "fe80::1"';
  return v.pipe(
    v.string(expected),
    v.check((address) => {
      const parsed = parseAddress(address);
      return parsed !== undefined && (family === undefined || parsed.family === family);
    }, expected),
  );
}

/**
 * A group of settings. A key it does not know is a mistake of its own, with the nearest known one as a hint; valibot's
 * `strictObject` would stop at the first.
 */
export function group<const Entries extends v.ObjectEntries>(entries: Entries) {
  const known = Object.keys(entries);
  return v.pipe(
    v.looseObject(entries, 'a table of settings'),
    v.rawCheck(({ dataset, addIssue }) => {
      const input: unknown = dataset.value;
      if (!isTable(input)) return;
      for (const key of Object.keys(input)) {
        if (known.includes(key)) continue;
        addIssue({
          message: `one of the known settings${hint(key, known)}`,
          path: [{ type: 'object', origin: 'key', input, key, value: input[key] }],
        });
      }
    }),
    v.transform((loose): v.InferOutput<v.ObjectSchema<Entries, undefined>> => loose),
  );
}

const isTable = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function hint(key: string, known: readonly string[]): string {
  const [nearest] = known
    .map((name) => ({ name, distance: editDistance(key.toLowerCase(), name.toLowerCase()) }))
    .filter(({ distance }) => distance <= 3)
    .toSorted((a, b) => a.distance - b.distance);
  return nearest === undefined ? ` (${known.join(', ')})` : `; did you mean "${nearest.name}"?`;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

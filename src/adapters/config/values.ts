import * as v from 'valibot';

import { isInNetwork, parseAddress } from '../../model/address.ts';
import { nameServer } from '../../model/resolv-conf.ts';
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
import { nearest } from '../command-line/nearest.ts';

/**
 * The kinds of value a configuration file holds. Every message says what was expected: what was found is added by the
 * reader, which knows the place.
 */

/** A quantity written with its unit: read by `parse`, limited to `from`..`to`, shown by `show`. */
function quantity<T extends number>(
  kind: string,
  example: string,
  units: string,
  parse: (text: string) => T | undefined,
  show: (value: T) => string,
  from: T,
  to: T,
) {
  const expected = `${kind} such as "${example}", from ${show(from)} to ${show(to)}`;
  return v.pipe(
    v.string(expected),
    // For the JSON Schema, which cannot know `parse`.
    v.regex(new RegExp(String.raw`^\d+(\.\d+)? ?(${units})$`, 'u'), expected),
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
  quantity('a duration', '15s', 'ms|s|m|h|d', parseDuration, formatDuration, from, to);
/** An amount of data with its unit: `512 MB`, `1 GB`, `1 GiB`. */
export const dataSize = (from: Bytes, to: Bytes) =>
  quantity('an amount of data', '1 GB', 'B|[kKMGT]B|[KMGT]iB', parseBytes, formatBytes, from, to);
/** A data rate with its unit: `1000 kbit/s`, `5 Mbit/s`. */
export const dataRate = (from: BitsPerSecond, to: BitsPerSecond) =>
  quantity('a data rate', '5 Mbit/s', '[kMG]?bit/s', parseRate, formatRate, from, to);

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

const nameExpected =
  'the name of an interface: 1 to 15 letters, digits or any of . _ + @ = , ~ # % ^ -, and neither "all" nor "default"';

/**
 * The name of an interface. The kernel allows more (dev_valid_name in net/core/dev.c): quotes, `$` and brackets, which
 * no interface in earnest has and which a shell, a log or a rule set reads as something else. `all` and `default` are
 * no interfaces in /proc/sys/net.
 */
export const interfaceName = () =>
  v.pipe(
    v.string(nameExpected),
    v.check((name) => isInterfaceName(name) && name !== 'all' && name !== 'default', nameExpected),
  );

function isInterfaceName(name: string): boolean {
  return (
    name !== '.' &&
    name !== '..' &&
    /^[\p{L}\p{N}._+@=,~#%^-]+$/u.test(name) &&
    new TextEncoder().encode(name).length <= 15
  );
}

const globExpected =
  'a pattern of interface names such as "eth*": "*" and "?" stand for any characters, at most 15 others';

/** A pattern of interface names: `*` and `?` are wildcards. */
export const interfaceGlob = () =>
  v.pipe(
    v.string(globExpected),
    v.maxLength(64, globExpected),
    v.check((glob) => glob !== '' && isInterfaceName(glob.replaceAll(/[*?]/gu, '') || 'x'), globExpected),
  );

const domainExpected = 'a domain name such as "local" or "gateway.example"';

/** A domain name: labels of letters, digits and hyphens (RFC 1123). */
export const domainName = () =>
  v.pipe(
    v.string(domainExpected),
    v.maxLength(253, domainExpected),
    v.regex(/^(?!-)[\da-z-]{1,63}(?<!-)(?:\.(?!-)[\da-z-]{1,63}(?<!-))*$/iu, domainExpected),
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

const noGateway = ['0.0.0.0/8', '127.0.0.0/8', '224.0.0.0/3', '::/128', '::1/128', 'ff00::/8'];
const gatewayExpected = 'the IP address of a router such as "192.168.1.1" or "fe80::1"';

/** A literal address that a router can have. */
export const gatewayAddress = () =>
  v.pipe(
    v.string(gatewayExpected),
    v.check((address) => {
      const isOut = (prefix: string) => {
        const [network = '', length] = prefix.split('/');
        return isInNetwork(address, network, Number(length));
      };
      return parseAddress(address) !== undefined && !noGateway.some(isOut);
    }, gatewayExpected),
  );

const nameServerExpected = 'the IP address of a name server such as "192.168.1.1" or "2001:db8::53"';

/** A literal address that a name server beyond the link can have; a zone is not written: it is the link's own. */
export const nameServerAddress = () =>
  v.pipe(
    v.string(nameServerExpected),
    v.check((address) => !address.includes('%') && nameServer(address, 'x') !== undefined, nameServerExpected),
  );

/**
 * A group of settings. A key it does not know is a mistake of its own, with the nearest known one as a hint; valibot's
 * `strictObject` would stop at the first.
 */
export function group<const Entries extends v.ObjectEntries>(entries: Entries) {
  const known = Object.keys(entries);
  return v.pipe(
    table(entries),
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

/** To valibot a list and a date are objects too: `probe = []` would be a group with nothing but defaults. */
function table<const Entries extends v.ObjectEntries>(entries: Entries) {
  const expected = 'a table of settings';
  const loose = v.looseObject(entries, expected);
  const refuse = v.never(expected);
  const run: (typeof loose)['~run'] = (dataset, config) =>
    isTable(dataset.value) ? loose['~run'](dataset, config) : refuse['~run'](dataset, config);
  return { ...loose, '~run': run };
}

const isTable = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);

function hint(key: string, known: readonly string[]): string {
  const meant = nearest(key, known);
  return meant === undefined ? ` (${known.join(', ')})` : `; did you mean "${meant}"?`;
}

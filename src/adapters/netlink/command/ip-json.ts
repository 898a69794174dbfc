import { Buffer } from 'node:buffer';
import { decodeName } from '../codec/attribute.codec.ts';

/** An object that `ip -json` printed, of which nothing is taken for granted. */
export type JsonObject = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Reads one line of `ip -json`: a list of objects. Null when it is none. `ip` writes names as they are: control
 * characters in them make no JSON, and older versions escape the apostrophe, which JSON does not know.
 */
export function parseJson(line: string): readonly JsonObject[] | null {
  for (const text of [line, mended(line)]) {
    try {
      const value: unknown = JSON.parse(text);
      return Array.isArray(value) ? value.filter(isObject) : null;
    } catch {
      continue;
    }
  }
  return null;
}

const mended = (line: string): string =>
  Array.from(line.replaceAll(String.raw`\'`, "'"), (character) =>
    character < ' ' ? String.raw`\u${character.charCodeAt(0).toString(16).padStart(4, '0')}` : character,
  ).join('');

export const has = (object: JsonObject, key: string): boolean => Object.hasOwn(object, key);

/** A name as it is elsewhere: the bytes that `ip` wrote, read as the netlink driver reads them. */
export function nameAt(object: JsonObject, key: string): string | null {
  const value = object[key];
  return typeof value === 'string' ? decodeName(Buffer.from(value, 'latin1')) : null;
}

export function textAt(object: JsonObject, key: string): string | null {
  const value = object[key];
  return typeof value === 'string' ? value : null;
}

/** A number, or a text that writes one, in decimal or as `0x…`. */
export function numberAt(object: JsonObject, key: string): number | null {
  const value = object[key];
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : null;
  if (typeof value !== 'string' || !/^(?:0x[\da-f]+|\d+)$/iu.test(value)) return null;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : null;
}

export function objectAt(object: JsonObject, key: string): JsonObject | null {
  const value = object[key];
  return isObject(value) ? value : null;
}

/** The objects in a list, and nothing where there is no list. */
export function objectsAt(object: JsonObject, key: string): readonly JsonObject[] {
  const value = object[key];
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** Flags and states come as lists of words. */
export function wordsAt(object: JsonObject, key: string): ReadonlySet<string> {
  const value = object[key];
  return new Set(Array.isArray(value) ? value.filter((word): word is string => typeof word === 'string') : []);
}

/**
 * Plain values as JSON can hold them, with their Maps and Sets, and with one object staying one object wherever it is
 * referred to: the machines tell by identity whether something has changed.
 *
 * Objects that both sides have already (`known`) are referred to and not written.
 */

/** A value that is no object stands for itself, save those that JSON has no word for. */
type Encoded = string | number | boolean | null | Reference;
type Reference = readonly [of: 'object' | 'known', number] | readonly ['number', string] | readonly ['undefined'];

type EncodedObject =
  | { readonly list: readonly Encoded[] }
  | { readonly map: readonly (readonly [Encoded, Encoded])[] }
  | { readonly set: readonly Encoded[] }
  | { readonly record: readonly (readonly [string, Encoded])[] };

export interface ObjectGraph {
  readonly root: Encoded;
  readonly objects: readonly EncodedObject[];
}

/** @throws TypeError for functions, symbols, and objects of any class but Map and Set: no state is in them. */
export function encodeGraph(value: unknown, known: unknown): ObjectGraph {
  const knownAt = new Map(objectsIn(known).map((object, position) => [object, position]));
  const numbers = new Map<object, number>();
  const found: object[] = [];
  const encode = (one: unknown): Encoded => {
    if (typeof one === 'string' || typeof one === 'boolean' || one === null) return one;
    if (typeof one === 'number') return Number.isFinite(one) && !Object.is(one, -0) ? one : ['number', numeral(one)];
    if (one === undefined) return ['undefined'];
    if (typeof one !== 'object') throw new TypeError(`a ${typeof one} is no plain value`);
    const place = knownAt.get(one);
    if (place !== undefined) return ['known', place];
    const number = numbers.get(one) ?? found.push(one) - 1;
    numbers.set(one, number);
    return ['object', number];
  };
  const root = encode(value);
  const objects: EncodedObject[] = [];
  // Objects are found while others are written: a list that grows, and no recursion that could run out of stack.
  for (let next = found[objects.length]; next !== undefined; next = found[objects.length]) {
    objects.push(encodeObject(next, encode));
  }
  return { root, objects };
}

function encodeObject(object: object, encode: (value: unknown) => Encoded): EncodedObject {
  if (Array.isArray(object)) return { list: object.map(encode) };
  if (object instanceof Map) return { map: [...object].map(([key, value]) => [encode(key), encode(value)] as const) };
  if (object instanceof Set) return { set: [...object].map(encode) };
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype !== Object.prototype && prototype !== null)
    throw new TypeError('an object of a class is no plain value');
  return { record: Object.entries(object).map(([key, value]) => [key, encode(value)] as const) };
}

const numeral = (value: number): string => (Object.is(value, -0) ? '-0' : String(value));

/** Every object in a value, each once, in an order that is the same for the same structure. */
function objectsIn(value: unknown): object[] {
  const found = new Set<object>();
  const add = (one: unknown): void => {
    if (typeof one === 'object' && one !== null) found.add(one);
  };
  add(value);
  // A set gives what is added to it while it is walked, too.
  for (const object of found) Object.values(object).forEach(add);
  return [...found];
}

/** @throws TypeError when `graph` is none, or refers to what is not there. */
export function decodeGraph(graph: unknown, known: unknown): unknown {
  if (!isRecord(graph) || !isList(graph['objects'])) throw new TypeError('this is no graph of objects');
  const encoded = graph['objects'];
  const knownObjects = objectsIn(known);
  const shells = encoded.map(shellOf);
  const decode = (one: unknown): unknown => {
    if (!isList(one)) return one;
    const [of, what] = one;
    if (of === 'undefined') return undefined;
    if (of === 'number') return Number(what);
    const object = typeof what === 'number' ? (of === 'known' ? knownObjects : shells)[what] : undefined;
    if (object === undefined)
      throw new TypeError(`the graph refers to ${String(of)} ${String(what)}, which is not there`);
    return object;
  };
  for (const [number, shell] of shells.entries()) fill(shell, encoded[number], decode);
  return decode(graph['root']);
}

function shellOf(encoded: unknown): object {
  if (isRecord(encoded)) {
    if ('list' in encoded) return [];
    if ('map' in encoded) return new Map();
    if ('set' in encoded) return new Set();
    if ('record' in encoded) return {};
  }
  throw new TypeError('the graph holds an object of no known kind');
}

function fill(shell: object, encoded: unknown, decode: (value: unknown) => unknown): void {
  const [items] = isRecord(encoded) ? Object.values(encoded) : [];
  if (!isList(items)) throw new TypeError('the graph holds an object without a list of what is in it');
  if (Array.isArray(shell)) for (const item of items) shell.push(decode(item));
  else if (shell instanceof Set) for (const item of items) shell.add(decode(item));
  else {
    for (const item of items) {
      const [key, value] = isList(item) ? item : [];
      if (shell instanceof Map) shell.set(decode(key), decode(value));
      // Defined, not set: a key of an untrusted file may be `__proto__`.
      else Object.defineProperty(shell, String(key), { value: decode(value), ...ordinary });
    }
  }
}

const ordinary = { writable: true, enumerable: true, configurable: true } as const;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);

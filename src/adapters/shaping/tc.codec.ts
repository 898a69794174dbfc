import {
  ownMajor,
  queueLimit,
  rootMinor,
  type DesiredTree,
  type ObservedClass,
  type ObservedRoot,
  type ShapingOperation,
} from '../../model/shaping.ts';
import { bitsPerSecond, type BitsPerSecond } from '../../model/units.ts';

/**
 * The words of tc, and what it answers.
 *
 * A batch is read word by word, with quotes and comments: names with such characters are not put there.
 */

const major = ownMajor.toString(16);
const id = (minor: number): string => `${major}:${minor.toString(16)}`;
/** The largest packet of Ethernet, with its header. */
const frame = 1514;

/** Whether a name can be a word of a batch of tc and of a ruleset of nft. */
export const isPlainName = (name: string): boolean => /^[\w.@+=,~^%-]{1,15}$/u.test(name);

/** The queue of a class: fair and short where the kernel has fq_codel, else first in, first out. */
export type QueueKind = 'fq_codel' | 'bfifo';

export interface TreeWords {
  /** The root and its classes. */
  readonly classes: readonly string[];
  /** The queues of the classes. */
  readonly leaves: readonly string[];
}

/** The lines that bring a link to a tree. `add` fails where someone else's root qdisc stands: theirs is never replaced. */
export function treeWords(
  { interface: name, ceiling, classes, defaultMinor }: DesiredTree,
  queues: QueueKind,
  how: Extract<ShapingOperation, { type: 'qdisc.replace' }>['how'],
): TreeWords {
  const add = `qdisc add dev ${name} root handle ${major}: htb default ${defaultMinor.toString(16)}`;
  const root = { add: [add], change: [], rebuild: [deletion(name), add] }[how];
  return {
    classes: [
      ...root,
      `class replace dev ${name} parent ${major}: classid ${id(rootMinor)} htb ${share(ceiling, ceiling)}`,
      ...classes.map(
        ({ minor, rate, priority }) =>
          `class replace dev ${name} parent ${id(rootMinor)} classid ${id(minor)} htb prio ${priority} ${share(rate, ceiling)}`,
      ),
    ],
    // Without handles of their own: one of another kind cannot take the place of one with the same handle.
    leaves: classes.map(({ minor }) => {
      const queue = queues === 'fq_codel' ? 'fq_codel' : `bfifo limit ${queueLimit(ceiling)}`;
      return `qdisc replace dev ${name} parent ${id(minor)} ${queue}`;
    }),
  };
}

export const deletion = (name: string): string => `qdisc delete dev ${name} root handle ${major}:`;

/** What a class may send at once is what it sends in 2 ms, for no timer is exact; at least a packet. */
function share(rate: number, ceil: number): string {
  const burst = (bits: number): number => Math.max(frame + 86, Math.ceil((bits / 8) * 0.002));
  // What is served of a class in a turn, where several of one priority wait: given, for the kernel complains of its own.
  const quantum = Math.min(60_000, Math.max(frame, Math.round(rate / 8 / 100)));
  return `rate ${rate}bit ceil ${ceil}bit burst ${burst(rate)} cburst ${burst(ceil)} quantum ${quantum}`;
}

type Fields = Readonly<Record<string, unknown>>;

/** A qdisc as `tc -j qdisc show` tells it. */
export interface ShownQdisc {
  readonly interface: string;
  readonly kind: string;
  readonly handle: string;
  /** Null at the root. */
  readonly parent: string | null;
  readonly isRoot: boolean;
  readonly options: Fields;
}

/** Reads `tc -j qdisc show`; undefined when it is no such answer. */
export function parseQdiscs(text: string): readonly ShownQdisc[] | undefined {
  return listIn(text)?.flatMap((each) => {
    const { kind, handle, dev, parent, root, options } = each;
    if (typeof kind !== 'string' || typeof handle !== 'string' || typeof dev !== 'string') return [];
    return {
      interface: dev,
      kind,
      handle,
      parent: typeof parent === 'string' ? parent : null,
      isRoot: root === true,
      options: isFields(options) ? options : {},
    };
  });
}

const classLine =
  /^class htb (?<handle>[\da-f]+:[\da-f]+) (?:root|parent (?<parent>[\da-f]+:[\da-f]+)) (?:leaf [\da-f]+: )?(?:prio (?<prio>\d+) )?.*?\brate (?<rate>\w+) .*?\bceil (?<ceil>\w+) /u;

/**
 * Reads `tc class show dev …`, with the queues that hang below the classes. It is no JSON in iproute2 before 6.3; the
 * text is the same before and after.
 */
export function parseClasses(text: string, queues: readonly ShownQdisc[]): ReadonlyMap<number, ObservedClass> {
  const classes = new Map<number, ObservedClass>();
  for (const line of text.split('\n')) {
    const { handle, parent, prio, rate, ceil } = classLine.exec(line)?.groups ?? {};
    const minor = minorOf(handle);
    if (minor === null) continue;
    const queue = queues.find((one) => one.parent === handle);
    const limit = queue?.options['limit'];
    classes.set(minor, {
      minor,
      parentMinor: minorOf(parent),
      rate: rateIn(rate),
      ceil: rateIn(ceil),
      priority: prio === undefined ? null : Number(prio),
      leaf: queue === undefined ? null : { kind: queue.kind, limit: typeof limit === 'number' ? limit : null },
    });
  }
  return classes;
}

const rateUnits: Readonly<Record<string, number>> = { bit: 1, Kbit: 1e3, Mbit: 1e6, Gbit: 1e9, Tbit: 1e12 };

/** A rate as tc writes it: `10Mbit`; 0 for anything else, which no class has. */
function rateIn(text: string | undefined): BitsPerSecond {
  const { value, unit } = /^(?<value>\d+)(?<unit>[KMGT]?bit)$/u.exec(text ?? '')?.groups ?? {};
  return bitsPerSecond(Number(value ?? 0) * (rateUnits[unit ?? ''] ?? 0));
}

/** Whose qdisc stands at a root. What the kernel puts there itself has the handle 0. */
export function ownerOf({ kind, handle }: ShownQdisc): ObservedRoot['owner'] {
  if (handle === '0:') return 'default';
  return kind === 'htb' && handle === `${major}:` ? 'own' : 'foreign';
}

export function defaultMinorOf({ options }: ShownQdisc): number | null {
  const given = options['default'];
  if (typeof given === 'number') return given;
  const value = typeof given === 'string' ? Number(given) : Number.NaN;
  return Number.isSafeInteger(value) ? value : null;
}

/** The minor number in `1442:10`; null where there is none of ours. */
function minorOf(handle: unknown): number | null {
  const match = typeof handle === 'string' ? /^([\da-f]+):([\da-f]+)$/u.exec(handle) : null;
  return match?.[1] === major && match[2] !== undefined ? Number.parseInt(match[2], 16) : null;
}

function listIn(text: string): readonly Fields[] | undefined {
  try {
    const read: unknown = JSON.parse(text.trim() === '' ? '[]' : text);
    return Array.isArray(read) ? read.filter(isFields) : undefined;
  } catch {
    return undefined;
  }
}

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

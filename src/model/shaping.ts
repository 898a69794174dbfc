/** How traffic is shared out on a link: an HTB tree, and the rules that sort packets into its classes. */
import { bitsPerSecond, type BitsPerSecond } from './units.ts';

/** The major number of every root qdisc that is backhauld's own: by it they are known again, and told from others'. */
export const ownMajor = 0x14_42;

/** The minor number of the class that all others borrow from. */
export const rootMinor = 1;

/**
 * The classes' minor numbers: multiples of 16, for a packet's priority is the number of its class, and the queues of
 * other links read the lowest four bits of a priority as an order of importance (pfifo_fast, mqprio).
 */
export const classMinors = [0x10, 0x20, 0x30] as const;

export interface DesiredClass {
  /** What it is for, in words. */
  readonly name: string;
  readonly minor: number;
  /** What it is sure of, whatever the others send. */
  readonly rate: BitsPerSecond;
  /** Classes of a lower number are served first, and are offered first what others leave. */
  readonly priority: number;
}

/** How what leaves by a link is shared out. Every class may use all that the others leave. */
export interface DesiredTree {
  readonly interface: string;
  /** What all classes have together, and each at most. */
  readonly ceiling: BitsPerSecond;
  /** Most important first. The rates together are at most the ceiling. */
  readonly classes: readonly DesiredClass[];
  /** The class of what nobody has sorted. */
  readonly defaultMinor: number;
  readonly because: string;
}

/** A class of the hotspot: what belongs there, and what it is marked with. */
export interface SortedClass {
  readonly minor: number;
  readonly dscp: number;
  readonly ports: readonly number[];
}

/** An uplink that is slowed down, in both directions. */
export interface SlowedLink {
  readonly interface: string;
  readonly rate: BitsPerSecond;
}

/** Which packets belong to which class, and how they are marked. */
export interface DesiredSorting {
  /** What comes from and goes to the clients; what fits no class is of the last. Null: it is not sorted. */
  readonly hotspot: { readonly interface: string; readonly classes: readonly SortedClass[] } | null;
  /** The node's own traffic is marked, and told from what it forwards. Null: it is not. */
  readonly relay: {
    readonly interfaces: readonly string[];
    readonly nodeMinor: number;
    readonly relayMinor: number;
    readonly nodeDscp: number;
  } | null;
  readonly slowed: readonly SlowedLink[];
  readonly because: string;
}

export interface DesiredShaping {
  readonly trees: readonly DesiredTree[];
  readonly sorting: DesiredSorting | null;
}

export const noShaping: DesiredShaping = { trees: [], sorting: null };

export interface ObservedClass {
  readonly minor: number;
  /** Null: a class at the root. */
  readonly parentMinor: number | null;
  /** As tc writes it (`asWritten`); so is `ceil`. */
  readonly rate: BitsPerSecond;
  readonly ceil: BitsPerSecond;
  /** Null for a class that has others below it. */
  readonly priority: number | null;
  /** Null: the kernel's own, which it does not show. */
  readonly leaf: { readonly kind: string; readonly limit: number | null } | null;
}

/** What stands at the root of a link. `default`: what the kernel puts there by itself, and anyone may replace. */
export type ObservedRoot =
  | { readonly owner: 'default' }
  | { readonly owner: 'foreign'; readonly kind: string; readonly handle: string }
  | {
      readonly owner: 'own';
      readonly defaultMinor: number | null;
      readonly classes: ReadonlyMap<number, ObservedClass>;
    };

export interface ObservedShaping {
  /** By the name of the interface; one that is missing does not exist. */
  readonly roots: ReadonlyMap<string, ObservedRoot>;
  /** Compared with the sorting that was asked about. */
  readonly sorting: 'none' | 'asWanted' | 'other';
}

interface ShapingOperationBase<Type extends string> {
  readonly type: Type;
  /** The object, in one line of the words of tc or nft. */
  readonly target: string;
  readonly because: string;
}

/** One step of a plan that concerns the sharing out of traffic. */
export type ShapingOperation =
  | (ShapingOperationBase<'qdisc.replace'> & {
      readonly tree: DesiredTree;
      /** `add`: there is none. `change`: rates and queues differ. `rebuild`: it has to be taken away first. */
      readonly how: 'add' | 'change' | 'rebuild';
    })
  | (ShapingOperationBase<'qdisc.delete'> & { readonly interface: string })
  | (ShapingOperationBase<'sorting.replace'> & { readonly sorting: DesiredSorting })
  | ShapingOperationBase<'sorting.delete'>;

/**
 * Bytes that a queue without fq_codel holds: what the ceiling sends in 50 ms, so that nobody waits much longer; and at
 * least one of the largest packets that the kernel puts together, which are counted as a whole.
 */
export const queueLimit = (ceiling: BitsPerSecond): number =>
  Math.min(4_000_000, Math.max(70_000, Math.ceil((ceiling / 8) * 0.05)));

/**
 * A rate as tc writes it: in thousands, millions … without the rest, where it is a thousand of them or more
 * (print_color_rate in iproute2). Two rates that are the same so are taken for the same.
 */
export function asWritten(rate: BitsPerSecond): BitsPerSecond {
  let value: number = rate;
  let unit = 1;
  while (value >= 1000 && unit < 1e12 && (value % 1000 === 0 || value >= 1e6)) {
    value = Math.floor(value / 1000);
    unit *= 1000;
  }
  return bitsPerSecond(value * unit);
}

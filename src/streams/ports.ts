import type { Family } from '../model/family.ts';
import type { DeviceFacts, InterfaceFacts } from '../model/interface.ts';
import type { KernelChange, KernelState, Link, LinkCounters } from '../model/kernel.ts';
import type { UplinkMemory } from '../model/memory.ts';
import type { ProbeFailure, Target } from '../model/probe.ts';
import type { Milliseconds } from '../model/units.ts';
import type { BudgetLevel } from '../model/usage.ts';

/** The kernel as a source of facts. */
export interface KernelSource {
  /** Everything the kernel said so far. Complete once `start` of the adapter has resolved. */
  readonly state: KernelState;
  /** Calls back with each batch of changes, after `state` has taken them in. Returns the way to end it. */
  subscribe(listener: (changes: readonly KernelChange[]) => void): () => void;
}

/** What is known of the device behind a link. Synchronous: a few reads in sysfs. */
export interface DeviceReader {
  read(link: Link): DeviceFacts;
}

export interface ProbeRequest {
  readonly target: Target;
  readonly interface: { readonly index: number; readonly name: string };
  /** The address the probe leaves from; of the target's family. */
  readonly source: string;
  readonly timeout: Milliseconds;
}

export type ProbeOutcome =
  | { readonly ok: true; readonly rtt: Milliseconds; readonly retransmitted: boolean }
  | { readonly ok: false; readonly failure: ProbeFailure; readonly message: string };

/** Sends one probe by one interface and none other. Never rejects; ends early with `timeout` when the signal aborts. */
export interface Prober {
  probe(request: ProbeRequest, signal: AbortSignal): Promise<ProbeOutcome>;
}

/** Packets of one uplink and family, to and from beyond its link, since some moment; and DNS questions and answers. */
export interface Traffic {
  readonly sent: number;
  readonly received: number;
  readonly dnsAsked: number;
  readonly dnsAnswered: number;
}

/** What the kernel counts of the traffic, read without a byte on the wire. */
export interface TrafficReader {
  /** What is known now, by `trafficKey`. Counters may begin anew at any time. Synchronous, and cheap enough for a timer. */
  read(): ReadonlyMap<string, Traffic>;
}

export const trafficKey = (index: number, family: Family): string => `${index} ${family}`;

export interface CarrierReader {
  /** Carrier as the driver has it; null where that cannot be told. Reading makes the kernel report what it holds back. */
  readCarrier(name: string): boolean | null;
}

/** What the run before knew. */
export interface MemoryReader {
  /** What it knew of this very interface; null for nothing. */
  recall(facts: InterfaceFacts): UplinkMemory | null;
}

/** Tells how long the machine has been asleep. */
export interface SleepReader {
  /** Milliseconds, from an arbitrary origin: only its growth means something. Null where the kernel does not say. */
  asleep(): number | null;
}

/** The monotonic clock. It stands still while the machine is asleep. */
export interface Clock {
  now(): number;
}

/** What links have carried. Reading costs nothing on the wire. */
export interface CounterReader {
  /** What the link shows now; null when there is no such link. Synchronous, and cheap enough for a timer. */
  counters(linkIndex: number): LinkCounters | null;
  /** What a link had carried when it was deleted, not long ago; null where the kernel did not say. */
  finalCounters(linkIndex: number): LinkCounters | null;
}

/** A budget of an interface stands at another level than the machines know. */
export interface LevelChange {
  readonly index: number;
  readonly level: BudgetLevel;
  /** It was told of in this period already: the device was unplugged meanwhile, or the program was. */
  readonly isKnown: boolean;
}

/** Counts what every interface carries. */
export interface UsageCounter {
  /** @param isNew the link was made just now, and was not there when the program came */
  found(facts: InterfaceFacts, isNew: boolean, at: number): void;
  changed(facts: InterfaceFacts, at: number): void;
  lost(index: number, at: number): void;
  /** Reads the counters that are due: called as often as something else wakes the program up. */
  look(at: number): void;
  /** Each change once. */
  takeLevels(): readonly LevelChange[];
}

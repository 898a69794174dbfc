import type { KernelChange, KernelState } from '../model/kernel.ts';
import type { Operation, OperationResult, Setting, SettingRecord } from '../model/network.ts';

export type KernelOperation = Extract<
  Operation,
  { type: 'route.replace' | 'route.delete' | 'rule.add' | 'rule.delete' | 'neighbour.resolve' }
>;

/** The kernel as something that can be told. */
export interface KernelTarget {
  readonly state: KernelState;
  subscribe(listener: (changes: readonly KernelChange[]) => void): () => void;
  /**
   * Carries out one operation and waits for the kernel's acknowledgement. Never rejects.
   * `neighbour.resolve` only asks: the answer comes as a change of the neighbour.
   */
  execute(operation: KernelOperation): Promise<OperationResult>;
  /** Resolves when `state` holds everything the kernel did up to now, one's own operations included. */
  settle(): Promise<void>;
  /** Dumps everything anew, compares it with `state`, and reports the differences as changes. */
  resync(): Promise<void>;
}

/** Per-interface settings in /proc/sys. */
export interface SettingsTarget {
  /** The value now; null when there is no such setting (no interface, no IPv6, an older kernel). */
  read(setting: Setting): string | null;
  write(setting: Setting, value: string): OperationResult;
}

/** The record of what was changed; on disk before the change is made. */
export interface SettingsJournal {
  /** By `settingKey`. */
  readonly records: ReadonlyMap<string, SettingRecord>;
  add(record: SettingRecord): OperationResult;
  remove(record: SettingRecord): OperationResult;
}

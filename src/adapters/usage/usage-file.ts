import { existsSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Problem } from '../../model/errors.ts';
import type { UsageRecord } from '../../model/usage.ts';
import { readScope, type Scope } from '../settings/scope.ts';
import { openStateFile } from '../state-files/state-file.ts';
import { usageFormat, type StoredUsage } from './usage.format.ts';

export interface UsageFile {
  /** What an earlier run has written; null for nothing that could be understood. */
  readonly record: UsageRecord | null;
  /** Whether counters of links still go on from those in the record, or have begun at zero since. */
  readonly continuity: 'continued' | 'restarted' | 'unrelated';
  /** Writes it off the event loop, after what is being written; resolves when it stands, or cannot. */
  save(record: UsageRecord): Promise<void>;
  /** Writes it where it outlives this process and no power cut, and wears nothing out. */
  note(record: UsageRecord): Promise<void>;
  /** Saves it for the last time, and clears away what was noted. */
  close(record: UsageRecord): Promise<void>;
}

export interface UsageFileOptions {
  readonly directory: string;
  /** Where files are that live in memory (`/run/…`). Null: nowhere, and `note` does nothing. It is not made. */
  readonly runtimeDirectory: string | null;
  readonly onProblem: (problem: Problem) => void;
  readonly onSolved: (problem: Problem) => void;
  readonly scope?: Scope;
}

/**
 * Opens `usage.json` in the state directory: who has used how much, and how far the kernel's counters were counted.
 *
 * Both stand in one file that is replaced as a whole, so that after a kill nothing is counted twice: what was not
 * written yet is still in the counters, except those of a link that is gone. For their sake there may be a newer copy
 * in memory. What cannot be written is said once, and counting goes on.
 */
export function openUsageFile(options: UsageFileOptions): UsageFile {
  const { directory, runtimeDirectory, onProblem, onSolved, scope = readScope() } = options;
  const file = openStateFile(directory, usageFormat);
  const copy = runtimeDirectory === null ? null : openStateFile(runtimeDirectory, usageFormat);
  const read = file.read();
  for (const problem of read.problems) onProblem(problem);
  const stored = latest(read.value, copyOf(copy?.read().value ?? null, directory, scope));
  let serial = stored?.serial ?? 0;
  let writing: Promise<void> = Promise.resolve();
  let standing: Problem | null = null;

  const content = (record: UsageRecord): StoredUsage => {
    serial += 1;
    return { ...scope, of: resolve(directory), serial, accounts: record.accounts, baselines: record.baselines };
  };
  const write = async (record: UsageRecord): Promise<void> => {
    const problem = await file.writeLater(content(record));
    if (problem !== null && standing === null) onProblem(problem);
    if (problem === null && standing !== null) onSolved(standing);
    standing = problem;
  };
  const inTurn = (step: () => Promise<void>): Promise<void> => {
    writing = writing.then(step);
    return writing;
  };

  return {
    record: stored === null ? null : { accounts: stored.accounts, baselines: stored.baselines },
    continuity: stored === null || scope.boot === '' ? 'unrelated' : continuityOf(stored, scope),
    save: (record) => inTurn(async () => write(record)),
    note: (record) =>
      inTurn(async () => {
        if (copy === null || runtimeDirectory === null || !existsSync(runtimeDirectory)) return;
        // It is a copy: what could not be written is saved within the minute.
        await copy.writeLater(content(record));
      }),
    close: (record) =>
      inTurn(async () => {
        await write(record);
        if (runtimeDirectory !== null) rmSync(join(runtimeDirectory, usageFormat.name), { force: true });
      }),
  };
}

/** The copy in memory, where it belongs to this state directory, and to this boot: memory does not outlive it. */
const copyOf = (copy: StoredUsage | null, directory: string, { boot }: Scope): StoredUsage | null =>
  copy !== null && copy.of === resolve(directory) && copy.boot === boot ? copy : null;

const latest = (saved: StoredUsage | null, noted: StoredUsage | null): StoredUsage | null =>
  noted !== null && noted.serial > (saved?.serial ?? -1) ? noted : saved;

function continuityOf(stored: Scope, { boot, namespace }: Scope): UsageFile['continuity'] {
  if (stored.boot !== boot) return 'restarted';
  return stored.namespace === namespace ? 'continued' : 'unrelated';
}

import type { Problem } from '../../model/errors.ts';
import type { UsageRecord } from '../../model/usage.ts';
import { readScope, type Scope } from '../settings/scope.ts';
import { openStateFile } from '../state-files/state-file.ts';
import { usageFormat } from './usage.format.ts';

export interface UsageFile {
  /** What an earlier run has written; null for nothing that could be understood. */
  readonly record: UsageRecord | null;
  /** Whether counters of links still go on from those in the record, or have begun at zero since. */
  readonly continuity: 'continued' | 'restarted' | 'unrelated';
  /** Writes it off the event loop, after what is being written; resolves when it stands, or cannot. */
  save(record: UsageRecord): Promise<void>;
}

export interface UsageFileOptions {
  readonly directory: string;
  readonly onProblem: (problem: Problem) => void;
  readonly onSolved: (problem: Problem) => void;
  readonly scope?: Scope;
}

/**
 * Opens `usage.json` in the state directory: who has used how much, and how far the kernel's counters were counted.
 *
 * Both stand in one file that is replaced as a whole, so that after a kill nothing is counted twice: what was not
 * written yet is still in the counters. What cannot be written is said once, and counting goes on in memory.
 */
export function openUsageFile({ directory, onProblem, onSolved, scope = readScope() }: UsageFileOptions): UsageFile {
  const file = openStateFile(directory, usageFormat);
  const { value: stored, problems } = file.read();
  for (const problem of problems) onProblem(problem);
  let writing: Promise<void> = Promise.resolve();
  let standing: Problem | null = null;

  const write = async (record: UsageRecord): Promise<void> => {
    const problem = await file.writeLater({ ...scope, ...record });
    if (problem !== null && standing === null) onProblem(problem);
    if (problem === null && standing !== null) onSolved(standing);
    standing = problem;
  };

  return {
    record: stored === null ? null : { accounts: stored.accounts, baselines: stored.baselines },
    continuity: stored === null || scope.boot === '' ? 'unrelated' : continuityOf(stored, scope),
    save(record) {
      writing = writing.then(async () => write(record));
      return writing;
    },
  };
}

function continuityOf(stored: Scope, { boot, namespace }: Scope): UsageFile['continuity'] {
  if (stored.boot !== boot) return 'restarted';
  return stored.namespace === namespace ? 'continued' : 'unrelated';
}

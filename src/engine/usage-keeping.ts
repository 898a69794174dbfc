/** Wires what counts the data that is used, and keeps it. */
import { dirname } from 'node:path';

import type { Kernel } from '../adapters/netlink/kernel.ts';
import { openUsageFile } from '../adapters/usage/usage-file.ts';
import { classify } from '../machines/interface/classification.decisions.ts';
import type { Config } from '../model/config.ts';
import type { Problem } from '../model/errors.ts';
import { identityOf } from '../model/identity.ts';
import type { Status } from '../model/status.ts';
import type { BudgetStatus } from '../model/usage.ts';
import type { UsageCounter } from '../streams/ports.ts';
import { UsageLedger } from '../streams/usage-ledger.ts';
import { UsageMeter } from '../streams/usage-meter.ts';
import type { ProblemBoard } from './problem-board.ts';

/** Flash wears out by writing, and a power cut shall lose a minute at most. In milliseconds. */
const spacing = 60_000;

export interface UsageKeeping {
  readonly counter: UsageCounter;
  budgets(): readonly BudgetStatus[];
  /** The status with what its interfaces have carried, and the budgets. */
  completed(status: Status): Status;
  /** Nothing of a budget is used any more. By an interface's name, or an identity; the problem when there is none such. */
  reset(name: string): Problem | null;
  /** So many bytes of it are used. */
  set(name: string, usedBytes: number): Problem | null;
  /** Writes what is known now, and ends. */
  close(): Promise<void>;
}

export function openUsage(
  config: Config,
  places: { readonly stateDirectory: string; readonly controlSocket: string | null },
  kernel: Pick<Kernel, 'counters' | 'finalCounters'>,
  problems: ProblemBoard,
  now: () => number,
): UsageKeeping {
  const file = openUsageFile({
    directory: places.stateDirectory,
    // Beside the socket is where files are that live as long as the machine.
    runtimeDirectory: places.controlSocket === null ? null : dirname(places.controlSocket),
    onProblem: problems.note,
    onSolved: problems.solve,
  });
  const ledger = new UsageLedger(file.record, file.continuity);
  const wall = (): number => Date.now();
  const meter = new UsageMeter({
    ledger,
    counters: kernel,
    wall,
    meteringOf(facts) {
      const { isIgnored, policy } = classify(facts, config);
      return isIgnored ? null : { identity: identityOf(facts), policy };
    },
  });
  let savedRevision = ledger.revision;
  let savedAt = -Infinity;

  const save = (): Promise<void> => {
    savedRevision = ledger.revision;
    return file.save(ledger.record());
  };
  /** What was used until now is used: what the counters show and nobody has read yet does not count against the change. */
  const correct = (name: string, change: () => boolean): Problem | null => {
    meter.readAll(now());
    if (!change()) return noBudget(name);
    void save();
    return null;
  };

  return {
    counter: {
      found: meter.found.bind(meter),
      changed: meter.changed.bind(meter),
      lost(index, at) {
        const before = ledger.revision;
        meter.lost(index, at);
        // Its counters are gone with it: whoever kills the program now must not take away what they showed.
        if (ledger.revision !== before) void file.note(ledger.record());
      },
      takeLevels: meter.takeLevels.bind(meter),
      look(at) {
        meter.look(at);
        if (ledger.revision === savedRevision || at - savedAt < spacing) return;
        savedAt = at;
        void save();
      },
    },
    budgets: () => ledger.budgets(wall()),
    completed: (status) => ({
      ...status,
      interfaces: status.interfaces.map((each) => ({ ...each, usage: ledger.usageOf(each.ifindex) })),
      budgets: ledger.budgets(wall()),
    }),
    reset: (name) => correct(name, () => ledger.reset(name, wall())),
    set: (name, usedBytes) => correct(name, () => ledger.set(name, usedBytes, wall())),
    async close() {
      meter.readAll(now());
      await file.close(ledger.record());
    },
  };
}

const noBudget = (name: string): Problem => ({
  code: 'budget.unknown',
  message: `there is no budget of ${name}`,
  remedy: 'see `backhauld budget` for those there are',
  subject: name,
});

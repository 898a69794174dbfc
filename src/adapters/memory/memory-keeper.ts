import type { Problem } from '../../model/errors.ts';
import type { InterfaceFacts } from '../../model/interface.ts';
import type { UplinkMemory } from '../../model/memory.ts';
import { earlier, instant, minutes, seconds, type Instant } from '../../model/units.ts';
import type { MemoryReader } from '../../streams/ports.ts';
import { Alarm } from '../recorder/alarm.ts';
import { readScope, type Scope } from '../settings/scope.ts';
import { openStateFile } from '../state-files/state-file.ts';
import { createBootClock, type BootClock } from './boot-clock.ts';
import { identityOf, isSameIdentity, memoryFormat, type StoredMemory } from './memory.format.ts';
import { isWorthless, shifted, withoutWhatIsBefore } from './memory-times.ts';

export interface MemoryKeeper extends MemoryReader {
  /** Something may be different from what was written. Cheap enough to be called at any change. */
  touch(): void;
  /** Resolves when nothing is being written. */
  settled(): Promise<void>;
  /** Writes what is known now, and ends. */
  close(): Promise<void>;
}

export interface MemoryOptions {
  readonly directory: string;
  /** What is known now, on the process's own clock. */
  readonly collect: () => readonly { readonly facts: InterfaceFacts; readonly memory: UplinkMemory }[];
  readonly now: () => Instant;
  readonly onProblem: (problem: Problem) => void;
  readonly onSolved: (problem: Problem) => void;
  readonly bootClock?: BootClock;
  readonly scope?: Scope;
}

/** What is measured in one failover comes together. */
const settling = seconds(1);
/** Flash wears out by writing. */
const spacing = seconds(5);
/** As long as nothing changes, it is written so often that it is of use. */
const renewal = minutes(5);
/** What was measured longer ago says nothing of now. */
const usefulFor = minutes(10);
/** The clock of the boot is read to 10 ms. */
const grain = 20;

/**
 * Opens `memory.json` in the state directory: what a run knew of its uplinks, for the one after a crash.
 *
 * Its times are counted from the start of the machine: no wall clock is asked, so that none that is wrong, or is set
 * meanwhile, makes old facts look new or a penalty last longer. What was written in another boot or another network
 * namespace, or by another device of the same name, is not recalled. It is written off the event loop, at most each 5 s.
 */
export function openMemory(options: MemoryOptions): MemoryKeeper {
  const { directory, collect, now, onProblem, onSolved, bootClock = createBootClock(), scope = readScope() } = options;
  const file = openStateFile(directory, memoryFormat);
  const read = file.read();
  for (const problem of read.problems) onProblem(problem);
  const recalled = ofThisBoot(read.value, scope, bootClock, now());
  let written: { readonly digest: string; readonly at: Instant } | null = null;
  let writing: Promise<void> = Promise.resolve();
  let standing: Problem | null = null;
  let isClosed = false;

  const write = async (): Promise<void> => {
    const at = now();
    const sinceBoot = bootClock.sinceBoot();
    if (sinceBoot === null || scope.boot === '') return;
    const known = collect();
    const digest = digestOf(known);
    if (digest === written?.digest && (at - written.at < renewal || isClosed)) return;
    written = { digest, at };
    const uplinks = known.map(({ facts, memory }) => ({
      identity: identityOf(facts),
      memory: shifted(memory, sinceBoot - at),
    }));
    const problem = await file.writeLater({ ...scope, writtenAt: sinceBoot, uplinks });
    if (problem !== null && standing === null) onProblem(problem);
    if (problem === null && standing !== null) onSolved(standing);
    standing = problem;
  };
  const alarm = new Alarm(() => {
    writing = writing.then(write);
  });

  return {
    recall(facts) {
      const identity = identityOf(facts);
      return recalled.find((each) => isSameIdentity(each.identity, identity))?.memory ?? null;
    },
    touch() {
      if (isClosed || alarm.isSet) return;
      const last = written?.at ?? instant(-Infinity);
      alarm.setIn(Math.max(settling, last + spacing - now()));
    },
    settled: async () => writing,
    async close() {
      isClosed = true;
      alarm.clear();
      await writing;
      await write();
    },
  };
}

function ofThisBoot(
  stored: StoredMemory | null,
  { boot, namespace }: Scope,
  bootClock: BootClock,
  now: Instant,
): StoredMemory['uplinks'] {
  const sinceBoot = bootClock.sinceBoot();
  if (stored === null || sinceBoot === null || boot === '') return [];
  const isFromElsewhere = stored.boot !== boot || stored.namespace !== namespace;
  if (isFromElsewhere || stored.writtenAt > sinceBoot + grain) return [];
  return stored.uplinks
    .map(({ identity, memory }) => ({
      identity,
      memory: withoutWhatIsBefore(shifted(memory, now - sinceBoot), earlier(now, usefulFor)),
    }))
    .filter(({ memory }) => !isWorthless(memory));
}

/** What is worth a write when it is different. */
const digestOf = (known: ReturnType<MemoryOptions['collect']>): string =>
  JSON.stringify(
    known.map(({ facts, memory: { lifecycle, damping, measured } }) => [
      identityOf(facts),
      lifecycle,
      damping,
      [measured.ipv4, measured.ipv6].map((each) => each && [each.source, each.gateway, each.verdict]),
    ]),
  );

/** Two processes that try mutants, each one at a time. */
import { fork, type ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';
import type { Mutant } from './mutant.ts';
import type { Outcome, Setup } from './trial.ts';
import type { WorkerMessage, WorkerOrder } from './worker.ts';

const workerPath = resolve(import.meta.dirname, 'worker.ts');
/** A worker stops tests that go on for ever by itself. One that does not even come to that is ended. */
const patienceMs = 60_000;

/** The outcome of each mutant, in the same order. Rejects when the tests fail with nothing changed. */
export async function tryAll(
  mutants: readonly Mutant[],
  setup: Setup,
  processes: number,
  tell: (mutant: Mutant, outcome: Outcome) => void,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  const queue = mutants.entries();
  const lane = async (): Promise<void> => {
    let worker: Worker | null = null;
    try {
      for (const [position, mutant] of queue) {
        worker ??= await Worker.start(setup);
        const outcome: Outcome | null = await worker.try(mutant);
        if (outcome === null) worker = null;
        outcomes[position] = outcome ?? { kind: 'endless', by: 'the process, which had to be ended' };
        tell(mutant, outcomes[position]);
      }
    } finally {
      worker?.stop();
    }
  };
  await Promise.all(Array.from({ length: Math.min(processes, mutants.length) }, lane));
  return outcomes;
}

class Worker {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start(setup: Setup): Promise<Worker> {
    const child = fork(workerPath, [], { execArgv: ['--max-old-space-size=1024'] });
    const worker = new Worker(child);
    if ((await worker.#ask({ setup })) === null) throw new Error('the tests fail with nothing changed: see above');
    return worker;
  }

  /** Null when the process ended, or had to be ended. */
  async try(mutant: Mutant): Promise<Outcome | null> {
    const message = await this.#ask({ mutant });
    return message !== null && 'outcome' in message ? message.outcome : null;
  }

  stop(): void {
    this.#child.kill('SIGKILL');
  }

  async #ask(order: WorkerOrder): Promise<WorkerMessage | null> {
    this.#child.send(order);
    const { promise, resolve: settle } = Promise.withResolvers<WorkerMessage | null>();
    const hear = (message: unknown): void => settle(message as WorkerMessage);
    const end = (): void => settle(null);
    const timer = setTimeout(end, patienceMs);
    this.#child.once('message', hear).once('exit', end);
    const message = await promise;
    clearTimeout(timer);
    this.#child.off('message', hear).off('exit', end);
    if (message === null) this.stop();
    return message;
  }
}

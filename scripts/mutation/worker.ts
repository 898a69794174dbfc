/** A process of its own that tries the mutants it is sent: one that eats all memory takes nobody along. */
import type { Mutant } from './mutant.ts';
import { Trial, type Outcome, type Setup } from './trial.ts';

/** What a worker is sent: first how to set up, then the mutants one by one. */
export type WorkerOrder = { readonly setup: Setup } | { readonly mutant: Mutant };
/** What it says: that it is ready, then one outcome for each mutant. */
export type WorkerMessage = { readonly ready: true } | { readonly outcome: Outcome };

const say = (message: WorkerMessage): void => void process.send?.(message);
let trial: Trial | null = null;

async function obey(order: WorkerOrder): Promise<void> {
  if ('setup' in order) {
    trial = new Trial(order.setup);
    await trial.measure();
    say({ ready: true });
  } else if (trial !== null) {
    say({ outcome: await trial.try(order.mutant) });
  }
}

process.on('message', (order: WorkerOrder) => {
  obey(order).catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
});

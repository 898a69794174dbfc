/** A process of its own that tries the mutants it is sent: one that eats all memory takes nobody along. */
import { argv } from 'node:process';
import type { Mutant } from './mutant.ts';
import { Trial, type Outcome, type Setup } from './trial.ts';

/** What a worker says: first that it is ready, then one outcome for each mutant. */
export type WorkerMessage = { readonly ready: true } | { readonly outcome: Outcome };

const say = (message: WorkerMessage): void => void process.send?.(message);

const trial = new Trial(JSON.parse(argv[2] ?? '') as Setup);
await trial.measure();
process.on('message', (mutant: Mutant) => {
  void trial.try(mutant).then((outcome) => say({ outcome }));
});
say({ ready: true });

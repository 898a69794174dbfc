import type { CounterReader, KernelSource } from '../../streams/ports.ts';
import type { KernelTarget } from '../../effects/ports.ts';
import type { Problem } from '../../model/errors.ts';

export type KernelDriver = 'ffi' | 'command';

/** The kernel's network, of the network namespace the process is in: read, followed and changed. */
export interface Kernel extends KernelSource, KernelTarget, CounterReader {
  readonly driver: KernelDriver;
  /** Lets go of the kernel: no listener is called any more, operations answer `kernel.vanished`. Idempotent. */
  close(): Promise<void>;
}

export interface KernelOptions {
  /** What went wrong and was mended: notifications were lost and all was dumped anew (`netlink.overflow`). */
  readonly onProblem?: (problem: Problem) => void;
  /** A listener threw, or another defect: nothing of the kernel's is lost by it. */
  readonly onDefect?: (error: unknown) => void;
}

/** A driver has been opened with its state complete, or it says why it cannot be. */
export type OpenResult =
  | { readonly ok: true; readonly kernel: Kernel }
  | { readonly ok: false; readonly problem: Problem };

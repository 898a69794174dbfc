/** Wires what sends probes. */
import type { Kernel } from '../adapters/netlink/kernel.ts';
import type { NameResolverOptions } from '../adapters/probes/name-resolver.ts';
import { createProber, type BoundProber } from '../adapters/probes/prober.ts';
import { BackhaulError, type Problem } from '../model/errors.ts';

/** The kernel's sockets would keep the process alive. */
export async function closingOnFailure<T>(kernel: Kernel, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    await kernel.close();
    throw error;
  }
}

/** @throws BackhaulError where no probe can be sent at all. */
export async function openProber(
  names: NameResolverOptions | undefined,
  note: (problem: Problem) => void,
): Promise<BoundProber> {
  const created = await createProber({ mode: 'auto', ...(names === undefined ? {} : { names }) });
  if (!created.ok) throw new BackhaulError(created.problem);
  if (created.prober.restriction !== null) note(created.prober.restriction);
  return created.prober;
}

import { BackhaulError } from '../../model/errors.ts';
import type { Kernel, KernelDriver, KernelOptions, OpenResult } from './driver.ts';

export type { Kernel, KernelDriver, KernelOptions } from './driver.ts';

/**
 * Opens the kernel of the network namespace this process is in. When it resolves, `state` is complete, and notifications
 * are on their way. `auto`: by FFI where that works, else by the `ip` command; nothing of the other is loaded.
 *
 * Throws a `BackhaulError`: `kernel.unreadable`, `privilege.missing`, or `tool.missing` where the driver asked for cannot
 * run here. There is no substitute for the kernel.
 */
export async function openKernel(
  options: KernelOptions & { readonly driver?: 'auto' | KernelDriver } = {},
): Promise<Kernel> {
  const driver = options.driver ?? 'auto';
  const first = driver === 'command' ? await openByCommand(options) : await openByFfi(options);
  if (first.ok) return first.kernel;
  if (driver !== 'auto') throw new BackhaulError(first.problem);
  const second = await openByCommand(options);
  if (!second.ok) throw new BackhaulError(first.problem, second.problem);
  options.onProblem?.(first.problem);
  return second.kernel;
}

async function openByFfi(options: KernelOptions): Promise<OpenResult> {
  const { loadLibc } = await import('../libc/libc.ts');
  const loaded = await loadLibc();
  if (!loaded.ok) return loaded;
  const { openFfiKernel } = await import('./ffi/ffi-kernel.ts');
  return openFfiKernel(loaded.libc, options);
}

async function openByCommand(options: KernelOptions): Promise<OpenResult> {
  const { openCommandKernel } = await import('./command/command-kernel.ts');
  return openCommandKernel(options);
}

import type { FlowTarget } from '../../effects/ports.ts';
import { loadLibc } from '../libc/libc.ts';

/**
 * Ends flows by netlink; where that cannot be, by the programs `ss` and `conntrack`. What ends them is loaded with the
 * first order: most nodes go for days without one.
 */
export function createFlowTarget(driver: 'auto' | 'ffi' | 'command'): FlowTarget {
  let target: Promise<FlowTarget> | undefined;
  return {
    async end(selection) {
      target ??= openTarget(driver);
      return (await target).end(selection);
    },
  };
}

async function openTarget(driver: 'auto' | 'ffi' | 'command'): Promise<FlowTarget> {
  const loaded = driver === 'command' ? null : await loadLibc();
  if (loaded?.ok === true) {
    const { createKernelFlows } = await import('./kernel-flows.ts');
    return createKernelFlows(loaded.libc);
  }
  const { createCommandFlows } = await import('./command-flows.ts');
  return createCommandFlows();
}

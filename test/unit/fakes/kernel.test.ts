import type { Kernel } from '../../../src/adapters/netlink/driver.ts';
import { describeKernelContract } from '../../contract/kernel.contract.ts';
import type { KernelWorld } from '../../contract/kernel-world.ts';
import { FakeKernel } from '../../fakes/kernel/fake-kernel.ts';

/** The fake is world and kernel at once: a second kernel in the same world sees the same, and hears by the first. */
function makeWorld(): Promise<KernelWorld> {
  let problem: ((problem: { code: 'netlink.overflow'; message: string }) => void) | undefined;
  let defect: ((error: unknown) => void) | undefined;
  const kernel = new FakeKernel({
    onProblem: ({ message }) => problem?.({ code: 'netlink.overflow', message }),
    onDefect: (error) => defect?.(error),
  });
  let isFirst = true;
  const must = (errno: string | null): void => {
    if (errno !== null) throw new Error(errno);
  };
  return Promise.resolve({
    open: async (options = {}) => {
      const opened: Kernel = isFirst ? kernel : kernel.another();
      if (isFirst) [problem, defect] = [options.onProblem, options.onDefect];
      isFirst = false;
      return Promise.resolve(opened);
    },
    truth: async () => Promise.resolve(kernel.truth()),
    addLink: (name) => kernel.network.addLink({ name }),
    up: (index) => kernel.setUp(index),
    down: (index) => kernel.setDown(index),
    plug: (index) => kernel.plug(index),
    unplug: (index) => kernel.unplug(index),
    rename: (index, name) => kernel.rename(index, name),
    remove: (index) => kernel.removeLink(index),
    addAddress: (index, address) => must(kernel.addAddress(index, address)),
    removeAddress: (index, address) => must(kernel.removeAddress(index, address)),
    addRoute: (hops, mode) => must(kernel.addRoute(hops, mode)),
    removeRoute: (hops) => {
      for (const hop of hops) must(kernel.removeRoute(hop));
    },
    addRule: (rule) => must(kernel.addRule(rule)),
    removeRule: (rule) => must(kernel.removeRule(rule)),
    setAnswering: (index, address, answers) => kernel.setAnswering(index, address, answers),
    send: () => {},
    overflow: (change) => {
      kernel.overflow();
      change();
    },
    close: async () => Promise.resolve(),
  } satisfies KernelWorld);
}

describeKernelContract('the fake', makeWorld);

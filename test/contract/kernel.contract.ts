import { afterEach, beforeEach, describe } from 'vitest';
import { describeWhatItDoes } from './kernel-does.contract.ts';
import { describeWhatItDoesToLinks } from './kernel-links.contract.ts';
import { describeWhatIsRare } from './kernel-rare.contract.ts';
import { describeWhatItRefuses } from './kernel-refuses.contract.ts';
import { describeWhatIsSilent } from './kernel-silence.contract.ts';
import { Stage } from './kernel-stage.ts';
import { describeWhatItTells } from './kernel-tells.contract.ts';
import type { KernelWorld } from './kernel-world.ts';

/** What everyone may rely on who holds a `Kernel`, whichever it is. Each test has a world of its own. */
export function describeKernelContract(name: string, makeWorld: () => Promise<KernelWorld>): void {
  describe(`The contract of the kernel: ${name}`, () => {
    const stage = new Stage(makeWorld);
    beforeEach(async () => stage.open());
    afterEach(async () => stage.close());
    describeWhatItTells(stage);
    describeWhatIsSilent(stage);
    describeWhatItDoes(stage);
    describeWhatItDoesToLinks(stage);
    describeWhatItRefuses(stage);
    describeWhatIsRare(stage);
  });
}

/** The machines as the page shows them: drawn and told in words as everywhere else. */
import { machineNames, type MachineName } from '../../src/model/trace.ts';
import { chartNamed, renderChart } from '../charts.ts';
import { proseOf } from '../prose.ts';
import type { PicturedMachine } from './build.ts';

/** In the order in which one looks for them: the choice, what is chosen from, and the others. */
const names: readonly MachineName[] = [...new Set(['selection', 'interface', ...machineNames] as const)];

export function picturedMachines(): Promise<PicturedMachine[]> {
  return Promise.all(
    names.map(async (machine) => {
      const { title, introduction, states } = proseOf(machine);
      const prose = Object.fromEntries(states);
      return {
        machine,
        title,
        about: introduction,
        chart: chartNamed(machine),
        prose,
        svg: await renderChart(machine),
      };
    }),
  );
}

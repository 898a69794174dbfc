/** The machines as the page shows them. */
import { chartOf, type Chart } from '../../src/inspection/chart.ts';
import { interfaceMachine } from '../../src/machines/interface.machine.ts';
import { nodeMachine } from '../../src/machines/node.machine.ts';
import { selectionMachine } from '../../src/machines/selection.machine.ts';
import type { PicturedMachine } from './build.ts';

export function picturedMachines(): PicturedMachine[] {
  return [
    {
      machine: 'selection' as const,
      title: 'Selection',
      about: 'Chooses the active uplink of a family.',
      chart: chartOf(selectionMachine),
    },
    {
      machine: 'interface' as const,
      title: 'Interface',
      about: 'The opinion of one uplink.',
      chart: chartOf(interfaceMachine),
    },
    { machine: 'node' as const, title: 'Node', about: 'Where everything enters.', chart: chartOf(nodeMachine) },
  ].map((machine) => ({ ...machine, prose: {}, svg: boxes(machine.chart) }));
}

/** Nested boxes and straight lines. */
function boxes({ states, transitions }: Chart): string {
  const centres = new Map<string, readonly [number, number]>();
  const draw = (id: string, x: number, y: number): { svg: string; width: number; height: number } => {
    const children = states.filter(({ parent }) => parent === id);
    let [width, height, inner] = [110, 34, ''];
    for (const child of children) {
      const drawn = draw(child.id, x + 12, y + height);
      inner += drawn.svg;
      height += drawn.height + 10;
      width = Math.max(width, drawn.width + 24);
    }
    centres.set(id, [x + width, y + 12]);
    const name = states.find((state) => state.id === id)?.name ?? '';
    const box = `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="6" fill="none" stroke="gray"/>`;
    return {
      svg: `<g data-state="${id}">${box}<text x="${x + 8}" y="${y + 20}" font-size="13" fill="currentColor">${name}</text></g>${inner}`,
      width,
      height,
    };
  };
  const { svg, width, height } = draw(states[0]?.id ?? '', 2, 2);
  const lines = transitions.flatMap(({ id, source, targets }) =>
    targets.map((target) => {
      const [[x1, y1], [x2, y2]] = [centres.get(source) ?? [0, 0], centres.get(target) ?? [0, 0]];
      return `<g data-transition="${id}"><path fill="none" stroke="gray" d="M${x1} ${y1}C${x1 + 60} ${y1} ${x2 + 60} ${y2} ${x2} ${y2}"/></g>`;
    }),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width + 70} ${height + 4}">${svg}${lines.join('')}</svg>`;
}

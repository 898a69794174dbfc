/** A machine's chart as a picture. */
import { chartOf, type Chart } from '../src/inspection/chart.ts';
import { machines } from '../src/inspection/machines.ts';
import type { MachineName } from '../src/model/trace.ts';
import { layOut } from './layout/layout.ts';
import type { Scene } from './layout/scene.ts';
import { chartSvg } from './svg/chart.svg.ts';
import { delayWords } from './words.ts';

export const chartNamed = (name: MachineName): Chart => chartOf(machines[name]);

export const sceneOf = async (name: MachineName): Promise<Scene> => layOut(chartNamed(name), delayWords()[name] ?? {});

/** An SVG of its own: light and dark, every state with `data-state`, every transition with `data-transition`. */
export async function renderChart(name: MachineName): Promise<string> {
  return chartSvg(await sceneOf(name), `Statechart of the machine ${name}`);
}

/** Everything that is made from the machines: file name, from the project's root → text. The same bytes on each run. */
import { machineNames } from '../src/model/trace.ts';
import { actorsSvg } from './actors/actors.svg.ts';
import { diagramOf } from './actors/diagram.ts';
import { layOutActors } from './actors/layout.ts';
import { listen } from './actors/messages.ts';
import { chartNamed, renderChart } from './charts.ts';
import { mermaidOf } from './mermaid.ts';
import { indexOf, pageOf, type MachinePage } from './pages.ts';
import { proseOf } from './prose.ts';
import { delayWords } from './words.ts';

export async function visualDocuments(): Promise<ReadonlyMap<string, string>> {
  const pages = machineNames.map((name): MachinePage => {
    const [chart, delays] = [chartNamed(name), delayWords()[name] ?? {}];
    return { name, chart, delays, prose: proseOf(name), mermaid: mermaidOf(chart, delays) };
  });
  const documents = new Map<string, string>();
  for (const page of pages) {
    const file = `visualizations/charts/${page.name}`;
    documents.set(`${file}.svg`, await renderChart(page.name));
    documents.set(`${file}.mmd`, page.mermaid);
    documents.set(`${file}.md`, pageOf(page));
  }
  documents.set('visualizations/charts/actors.svg', actorsSvg(await layOutActors(diagramOf(listen()))));
  documents.set('visualizations/README.md', indexOf(pages));
  return documents;
}

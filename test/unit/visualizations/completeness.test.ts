import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

import { machines } from '../../../src/inspection/machines.ts';
import { machineNames } from '../../../src/model/trace.ts';
import { chartNamed } from '../../../visualizations/charts.ts';
import { mermaidOf, wordsOf } from '../../../visualizations/mermaid.ts';
import { proseOf } from '../../../visualizations/prose.ts';
import { delayWords } from '../../../visualizations/words.ts';

const inSvg = (svg: string, attribute: string): string[] =>
  [...svg.matchAll(new RegExp(` ${attribute}="([^"]*)"`, 'gu'))].flatMap(([, ids = '']) =>
    ids.replaceAll('&gt;', '>').split(' '),
  );

describe.each(machineNames)('the chart of %s', (name) => {
  const chart = chartNamed(name);
  const delays = delayWords()[name] ?? {};

  test('has prose for every state, and for no other', () => {
    const { states, introduction } = proseOf(name);
    expect([...states.keys()].toSorted()).toEqual(chart.states.map(({ id }) => id).toSorted());
    expect([introduction, ...states.values()].filter((prose) => prose.length < 30)).toEqual([]);
  });

  test('has words for every delay, and for no other', () => {
    expect(Object.keys(delays).toSorted()).toEqual(Object.keys(machines[name].implementations.delays).toSorted());
    expect(Object.values(delays).filter(({ text }) => text === '')).toEqual([]);
  });

  test('shows every state and transition in the picture, and no other', () => {
    const svg = readFileSync(new URL(`../../../visualizations/charts/${name}.svg`, import.meta.url), 'utf8');
    expect(inSvg(svg, 'data-state').toSorted()).toEqual(chart.states.map(({ id }) => id).toSorted());
    const shown = new Set(inSvg(svg, 'data-transition'));
    expect([...shown].toSorted()).toEqual(chart.transitions.map(({ id }) => id).toSorted());
    const delayed = chart.transitions.flatMap(({ delay }) => delay ?? []);
    expect(inSvg(svg, 'data-delay').toSorted()).toEqual(delayed.toSorted());
  });

  test('shows every transition in the text', () => {
    const lines = mermaidOf(chart, delays)
      .split('\n')
      .map((line) => line.trim());
    const alias = (id: string): string => id.replaceAll('.', '_');
    const missing = chart.transitions.filter((transition) => {
      const { source, targets } = transition;
      const words = wordsOf(transition, chart, delays);
      const starts = [alias(source), `${alias(source)}_any`];
      const expected = targets.length === 0 ? [''] : targets.map((target) => ` --> ${alias(target)}`);
      return !expected.every((end) => starts.some((start) => lines.includes(`${start}${end} : ${words}`)));
    });
    expect(missing).toEqual([]);
  });
});

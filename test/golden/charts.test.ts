import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

import { renderChart } from '../../visualizations/charts.ts';
import { visualDocuments } from '../../visualizations/documents.ts';

const root = new URL('../../', import.meta.url);
const documents = await visualDocuments();

test.each([...documents])('%s is as "npm run visualize" draws it', (file, text) => {
  expect(readFileSync(new URL(file, root), 'utf8')).toBe(text);
});

test('visualizations/charts holds nothing that is not drawn', () => {
  const there = readdirSync(new URL('visualizations/charts', root)).map((file) => `visualizations/charts/${file}`);
  expect(there.filter((file) => !documents.has(file))).toEqual([]);
});

test('a chart that is drawn again has the same bytes', async () => {
  expect(await renderChart('departure')).toBe(documents.get('visualizations/charts/departure.svg'));
});

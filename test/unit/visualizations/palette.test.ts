import { expect, test } from 'vitest';

import { palettes } from '../../../visualizations/svg/palette.ts';
import { textWidth } from '../../../visualizations/text-width.ts';

/** WCAG 2, 1.4.3. */
function contrast(one: string, other: string): number {
  const [lighter = 0, darker = 0] = [luminance(one), luminance(other)].toSorted((a, b) => b - a);
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

const tones = ['good', 'trial', 'trouble', 'lost', 'plain'];

test.each(Object.entries(palettes))('every text of the %s theme is legible on its ground', (_, palette) => {
  const colour = (name: string): string => palette[name] ?? '';
  const pairs = [
    ...['ink', 'soft', 'delay', 'guard'].flatMap((text) => ['paper', 'panel', 'box', 'label'].map((on) => [text, on])),
    ...tones.map((tone) => [`${tone}-ink`, `${tone}-bar`]),
  ];
  const faint = pairs.filter(([text = '', on = '']) => contrast(colour(text), colour(on)) < 4.5);
  expect(faint).toEqual([]);
});

test.each(Object.entries(palettes))('every line of the %s theme is seen on its ground', (_, palette) => {
  const faint = tones.filter((tone) => contrast(palette[`${tone}-wire`] ?? '', palette['box'] ?? '') < 3);
  expect(faint).toEqual([]);
});

test('texts are as wide as Helvetica sets them', () => {
  // Adobe's metrics: H 722, e 556, l 222, l 222, o 556.
  expect(textWidth('Hello', { size: 1000, isBold: false })).toBe(2278);
  expect(textWidth('Hello', { size: 100, isBold: true })).toBe(244.5);
});

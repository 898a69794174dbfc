/** The line below each picture that says how to read it. */
import { lineWidth, type Line } from './lines.ts';
import { textsAt, type PlacedText } from './scene.ts';

const parts: readonly Line[] = [
  [{ text: '● entered first', face: 'keyword' }],
  [{ text: 'label with no line into it: from every state around it', face: 'keyword' }],
  [{ text: 'a delay and its default', face: 'clocked' }],
  [{ text: '[guard]  [else]', face: 'guard' }],
  [{ text: '/ what is done', face: 'action' }],
];
const gap = 26;

export function legendOf(left: number, y: number): readonly PlacedText[] {
  let x = left;
  return parts.flatMap((line) => {
    const placed = textsAt(line, x, y);
    x += lineWidth(line) + gap;
    return placed;
  });
}

export const legendWidth = parts.reduce((sum, line) => sum + lineWidth(line) + gap, 0);

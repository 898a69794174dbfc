/** The few shapes that pictures are made of, as SVG. */
import { hasClock } from '../layout/lines.ts';
import type { Box, PlacedText, Point } from '../layout/scene.ts';

export const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** Two decimals at most, so that no computer's arithmetic shows. */
export const number = (value: number): string => String(Math.round(value * 100) / 100);

export const rectangle = ({ x, y, width, height }: Box, radius: number, look: string): string =>
  `<rect class="${look}" x="${number(x)}" y="${number(y)}" width="${number(width)}" height="${number(height)}" rx="${radius}"/>`;

/** As wide as the table says, whatever font is there. */
export const text = (span: PlacedText): string => {
  const { x, y, width, face } = span;
  const clock = hasClock(span) ? clockAt({ x: x - 10, y: y - 4 }) : '';
  return (
    `${clock}<text class="${face}" x="${number(x)}" y="${number(y)}" textLength="${number(width)}" ` +
    `lengthAdjust="spacingAndGlyphs">${escape(span.text)}</text>`
  );
};

const clockAt = ({ x, y }: Point): string =>
  `<path class="clock" d="M${number(x - 5)} ${number(y)}a5 5 0 1 1 10 0a5 5 0 1 1-10 0M${number(x)} ${number(y - 3)}v3l2 1.5"/>`;

const cornerRadius = 7;

/** A line along points, its corners rounded. */
export function wire(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (first === undefined) return '';
  const corners = rest.map((corner, index) => {
    const next = rest[index + 1];
    const before = points[index] ?? corner;
    if (next === undefined) return `L${at(corner)}`;
    const radius = Math.min(cornerRadius, distance(before, corner) / 2, distance(corner, next) / 2);
    return `L${at(towards(corner, before, radius))}Q${at(corner)} ${at(towards(corner, next, radius))}`;
  });
  return `<path class="wire" d="M${at(first)}${corners.join('')}"/>`;
}

const headLength = 9;
const headWidth = 4;

/** The head of an arrow that ends with the last point. */
export function head(points: readonly Point[]): string {
  const [before, tip] = points.slice(-2);
  if (before === undefined || tip === undefined) return '';
  const base = towards(tip, before, headLength);
  const across = { x: ((tip.y - base.y) / headLength) * headWidth, y: ((tip.x - base.x) / headLength) * headWidth };
  const one = { x: base.x + across.x, y: base.y - across.y };
  const other = { x: base.x - across.x, y: base.y + across.y };
  return `<path class="head" d="M${at(tip)}L${at(one)}L${at(other)}Z"/>`;
}

const at = ({ x, y }: Point): string => `${number(x)} ${number(y)}`;
const distance = (a: Point, b: Point): number => Math.hypot(a.x - b.x, a.y - b.y);

function towards(from: Point, to: Point, by: number): Point {
  const length = distance(from, to);
  return length === 0
    ? from
    : { x: from.x + ((to.x - from.x) * by) / length, y: from.y + ((to.y - from.y) * by) / length };
}

/** The upper part of a box with round corners. */
export const bar = ({ x, y, width }: Box, height: number, radius: number, isWhole: boolean): string => {
  const down = isWhole
    ? `v${number(height - 2 * radius)}a${radius} ${radius} 0 0 1 -${radius} ${radius}h${number(2 * radius - width)}a${radius} ${radius} 0 0 1 -${radius} -${radius}`
    : `v${number(height - radius)}h${number(-width)}`;
  return `<path class="bar" d="M${number(x)} ${number(y + radius)}a${radius} ${radius} 0 0 1 ${radius} -${radius}h${number(width - 2 * radius)}a${radius} ${radius} 0 0 1 ${radius} ${radius}${down}Z"/>`;
};

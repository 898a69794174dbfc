/** Lines of text as they are drawn: spans of one face each, and the room they take. */
import { textWidth, type Font } from '../text-width.ts';

/** What a span says decides how it looks. */
export type Face = 'root' | 'title' | 'event' | 'delay' | 'clocked' | 'duration' | 'guard' | 'action' | 'keyword';

export const fonts: Readonly<Record<Face, Font>> = {
  root: { size: 17, isBold: true },
  title: { size: 14, isBold: true },
  event: { size: 12, isBold: false },
  delay: { size: 12, isBold: false },
  clocked: { size: 10.5, isBold: false },
  duration: { size: 12, isBold: true },
  guard: { size: 11.5, isBold: false },
  action: { size: 10.5, isBold: false },
  keyword: { size: 10.5, isBold: false },
};

/** Fonts that stand in for Helvetica are a little wider: every box leaves this much. */
const slack = 1.08;

export interface Span {
  readonly text: string;
  readonly face: Face;
}

export type Line = readonly Span[];

export const lineHeight = 17;
/** Room for the clock before the name of a delay. */
export const clockWidth = 16;
const gap = 5;

export interface PlacedSpan extends Span {
  readonly x: number;
  readonly width: number;
}

export const hasClock = ({ face }: Span): boolean => face === 'delay' || face === 'clocked';

/** The spans of a line one after the other, from 0 on. */
export function placeSpans(line: Line): readonly PlacedSpan[] {
  let x = 0;
  return line.map((span) => {
    if (hasClock(span)) x += clockWidth;
    const placed = { ...span, x, width: textWidth(span.text, fonts[span.face]) };
    x += placed.width * slack + gap;
    return placed;
  });
}

/** With the slack. */
export function lineWidth(line: Line): number {
  const last = placeSpans(line).at(-1);
  return last === undefined ? 0 : Math.ceil(last.x + last.width * slack);
}

/** Of what is seen, without the slack behind the last span. */
export function inkWidth(line: Line): number {
  const last = placeSpans(line).at(-1);
  return last === undefined ? 0 : last.x + last.width;
}

export const widest = (lines: readonly Line[]): number => Math.max(0, ...lines.map(lineWidth));

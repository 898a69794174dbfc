/** Where everything in a picture is, in pixels from its upper left corner. What is drawn is this, and nothing is moved any more. */
import type { ChartState, ChartTransition } from '../../src/inspection/chart.ts';
import type { Tone } from '../words.ts';
import { placeSpans, type Line, type PlacedSpan } from './lines.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Box extends Point {
  readonly width: number;
  readonly height: number;
}

/** A span at its place; `y` is its baseline. */
export interface PlacedText extends PlacedSpan {
  readonly y: number;
}

/** What is written about one transition, or (null) about entry and exit. */
export interface PlacedRow {
  readonly transition: ChartTransition | null;
  readonly texts: readonly PlacedText[];
}

export interface PlacedState extends Box {
  readonly state: ChartState;
  readonly tone: Tone;
  /** The root and the regions of a parallel state are grounds, not boxes. */
  readonly look: 'root' | 'region' | 'box';
  readonly titles: readonly PlacedText[];
  readonly titleHeight: number;
  readonly rows: readonly PlacedRow[];
  /** Where what lies within begins. */
  readonly headerHeight: number;
  /** Lines between the rows of a long list. */
  readonly rules: readonly number[];
}

export interface PlacedLabel extends Box {
  readonly rows: readonly PlacedRow[];
}

export interface PlacedArrow {
  readonly source: string;
  readonly target: string;
  /** Of the target. */
  readonly tone: Tone;
  /** From the source to the label, where the source is not all around it. */
  readonly before: readonly Point[] | null;
  /** From the label to the target. */
  readonly after: readonly Point[];
  readonly label: PlacedLabel;
}

export interface Initial extends Box {
  readonly state: string;
  readonly wire: readonly Point[];
}

export interface Scene {
  readonly width: number;
  readonly height: number;
  /** Parents before children. */
  readonly states: readonly PlacedState[];
  readonly arrows: readonly PlacedArrow[];
  readonly initials: readonly Initial[];
  /** Between parallel regions. */
  readonly separators: readonly { readonly from: Point; readonly to: Point }[];
  readonly legend: readonly PlacedText[];
}

/** To half a pixel, so that no computer's arithmetic shows. */
export const round = (value: number): number => Math.round(value * 2) / 2;

/** A line whose first span begins at `x`, on the baseline `y`. */
export const textsAt = (line: Line, x: number, y: number): readonly PlacedText[] =>
  placeSpans(line).map(({ text, face, width, x: within }) => ({ text, face, width, x: round(within + x), y }));

/** Text with meaning attached: what it looks like is decided last, and only where colours are wanted. */
export type Style = 'plain' | 'strong' | 'dim' | 'title' | 'good' | 'warn' | 'bad' | 'busy' | 'key';

export interface Span {
  readonly text: string;
  readonly style: Style;
}

export type Line = readonly Span[];

export const span = (text: string, style: Style = 'plain'): Span => ({ text, style });

/** SGR parameters (ECMA-48), from the sixteen colours that every theme has chosen to be readable. */
const codes: Readonly<Record<Style, string>> = {
  plain: '',
  strong: '1',
  dim: '2',
  title: '1;36',
  good: '32',
  warn: '33',
  bad: '1;31',
  busy: '36',
  key: '7',
};

export const lengthOf = (line: Line): number => line.reduce((sum, { text }) => sum + text.length, 0);

/** A cell of a table: padded, or cut with an ellipsis. */
export function cell(text: string, width: number, style: Style = 'plain', align: 'left' | 'right' = 'left'): Span {
  const cut = shorten(text, width);
  return span(align === 'left' ? cut.padEnd(width) : cut.padStart(width), style);
}

export function shorten(text: string, width: number): string {
  if (text.length <= width) return text;
  return width < 1 ? '' : `${text.slice(0, width - 1)}…`;
}

/** Cuts a line to a width; the cut shows as an ellipsis. */
export function fit(line: Line, width: number): Line {
  if (lengthOf(line) <= width) return line;
  const kept: Span[] = [];
  let room = width;
  for (const { text, style } of line) {
    if (room <= 0) break;
    // What follows does not fit either, when this just fills the room.
    const isLast = text.length >= room;
    kept.push(span(isLast ? shorten(`${text} `, room) : text, style));
    room -= text.length;
  }
  return kept;
}

/** Pushes two parts to the two ends of a line. The left one gives way. */
export function spread(left: Line, right: Line, width: number): Line {
  const room = width - lengthOf(right);
  if (room < 8) return fit(left, width);
  const kept = fit(left, room - 1);
  return [...kept, span(' '.repeat(room - lengthOf(kept))), ...right];
}

/** Breaks a list of short items into as many lines as they need, indented by one column. */
export function flow(items: readonly Line[], width: number): readonly Line[] {
  const lines: Span[][] = [];
  for (const item of items) {
    const last = lines.at(-1);
    if (last === undefined || lengthOf(last) + 2 + lengthOf(item) > width) lines.push([span(' '), ...item]);
    else last.push(span('  '), ...item);
  }
  return lines;
}

/** A line as the terminal takes it. Control characters, which could come with a name, are made visible. */
export function paint(line: Line, hasColour: boolean): string {
  const clean = line.map(({ text, style }) => ({ text: text.replaceAll(/\p{Cc}/gu, '\uFFFD'), code: codes[style] }));
  if (!hasColour)
    return clean
      .map(({ text }) => text)
      .join('')
      .trimEnd();
  return clean.map(({ text, code }) => (code === '' ? text : `\u001B[${code}m${text}\u001B[0m`)).join('');
}

/** A bar of `width` columns, filled by a share of 0 to 1, in steps of half a column. */
export function bar(share: number, width: number): string {
  const halves = Math.round(Math.min(1, Math.max(0, share)) * width * 2);
  const full = Math.floor(halves / 2);
  const half = halves % 2 === 1 ? '╸' : '';
  return '━'.repeat(full) + half + '─'.repeat(width - full - half.length);
}

/** Values as a row of blocks, one column each; a block is full at `top`. */
export const sparkline = (values: readonly number[], top: number): string =>
  values
    .map((value) => '▁▂▃▄▅▆▇█'[Math.min(7, Math.floor((8 * Math.log1p(Math.max(0, value))) / Math.log1p(top)))] ?? ' ')
    .join('');

/** `850 ms`, `7.4 s`, `3 m 20 s`, `2 h 5 m`. */
export function duration(ms: number): string {
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const total = Math.floor(ms / 1000);
  if (total < 3600) return `${Math.floor(total / 60)} m ${total % 60} s`;
  return `${Math.floor(total / 3600)} h ${Math.floor((total % 3600) / 60)} m`;
}

/** `12,345`. */
export const count = (value: number): string => String(Math.round(value)).replaceAll(/\B(?=(?:\d{3})+$)/gu, ',');

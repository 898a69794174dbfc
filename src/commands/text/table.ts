import { printable, type Paint } from './printable.ts';

export interface Cell {
  readonly text: string;
  readonly tone?: Parameters<Paint>[0];
  /** Figures stand to the right. */
  readonly align?: 'left' | 'right';
}

/** Rows in columns two spaces apart, without blanks at the end of a line. Widths are counted before colours are put on. */
export function table(rows: readonly (readonly Cell[])[], paint: Paint): string {
  const clean = rows.map((row) => row.map((cell) => ({ ...cell, text: printable(cell.text) })));
  const widths: number[] = [];
  for (const row of clean) {
    for (const [column, { text }] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, text.length);
    }
  }
  return clean
    .map((row) =>
      row
        .map((cell, column) => padded(cell, widths[column] ?? 0, paint))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function padded({ text, tone, align }: Cell, width: number, paint: Paint): string {
  const blanks = ' '.repeat(width - text.length);
  const shown = tone === undefined || text === '' ? text : paint(tone, text);
  return align === 'right' ? blanks + shown : shown + blanks;
}

/** A small change of one source file, as plain data. */

/** Puts `text` in the place of the characters from `start` to `end`. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export interface Mutant extends Edit {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** The names around it: `judge` or `lifecycle.up`. */
  readonly within: string;
  /** Where the innermost function around it starts; null for what is evaluated when the file is loaded. */
  readonly owner: number | null;
  /** What stood there and what stands there now, in one line each. They outlive a change elsewhere in the file. */
  readonly before: string;
  readonly after: string;
}

export const applied = (source: string, { start, end, text }: Edit): string =>
  source.slice(0, start) + text + source.slice(end);

const longest = 160;
const oneLine = (text: string): string => {
  const collapsed = text.trim().replaceAll(/\s+/gu, ' ');
  return collapsed.length > longest ? `${collapsed.slice(0, longest)}…` : collapsed;
};

/** An edit within a line is told with the whole line, a longer one by itself. */
export function told(source: string, edit: Edit): Pick<Mutant, 'before' | 'after'> {
  const { start, end, text } = edit;
  if (source.slice(start, end).includes('\n')) {
    return { before: oneLine(source.slice(start, end)), after: oneLine(text) };
  }
  const lineStart = source.lastIndexOf('\n', start - 1) + 1;
  const next = source.indexOf('\n', end);
  const lineEnd = next < 0 ? source.length : next;
  return {
    before: oneLine(source.slice(lineStart, lineEnd)),
    after: oneLine(source.slice(lineStart, start) + text + source.slice(end, lineEnd)),
  };
}

/** One mutant among those of its file, whatever line it stands in. */
export const identity = ({
  file,
  within,
  before,
  after,
}: Pick<Mutant, 'file' | 'within' | 'before' | 'after'>): string => [file, within, before, after].join('\n');

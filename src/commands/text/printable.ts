/** A value as the JSON that `--json` prints. */
export const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/**
 * A text without anything that could move the cursor of a terminal or end a line: the kernel allows nearly every byte
 * in an interface's name, and a message may hold one.
 */
export const printable = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?');

type Tone = 'good' | 'warning' | 'bad' | 'faint' | 'strong';

/** Puts a tone on a text; the plain one leaves it as it is. */
export type Paint = (tone: Tone, text: string) => string;

const colours: Readonly<Record<Tone, readonly [on: number, off: number]>> = {
  good: [32, 39],
  warning: [33, 39],
  bad: [31, 39],
  faint: [2, 22],
  strong: [1, 22],
};

export const plain: Paint = (_, text) => text;
export const coloured: Paint = (tone, text) => `\u001b[${colours[tone][0]}m${text}\u001b[${colours[tone][1]}m`;
export const paintFor = ({ hasColors }: { readonly hasColors: boolean }): Paint => (hasColors ? coloured : plain);

/**
 * How wide a text is, from a table: a picture must not depend on the fonts of the computer that makes it.
 *
 * The widths are those of Helvetica (Adobe's font metrics), which Arial and Liberation Sans share, in thousandths of
 * the font's size, from the space (32) to the tilde (126).
 */
export interface Font {
  /** In pixels. */
  readonly size: number;
  readonly isBold: boolean;
}

const firstCharacter = 32;

// One row for each 16 characters.
const regular = [
  278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556,
  556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833,
  722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556,
  556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334,
  260, 334, 584,
];
const bold = [
  278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556,
  556, 556, 556, 333, 333, 584, 584, 584, 611, 975, 722, 722, 722, 722, 667, 611, 778, 722, 278, 556, 722, 611, 833,
  722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 333, 278, 333, 584, 556, 333, 556, 611, 556, 611,
  556, 333, 611, 611, 278, 278, 556, 278, 889, 611, 611, 611, 611, 389, 556, 333, 611, 556, 778, 556, 556, 500, 389,
  280, 389, 584,
];
const others: Readonly<Record<string, number>> = {
  '●': 604,
  '−': 584,
  '–': 556,
  '…': 1000,
  '→': 1000,
  '·': 333,
  '×': 584,
  '’': 222,
};

/** In pixels, to a tenth. A character that is in no table counts as wide as any. */
export function textWidth(text: string, { size, isBold }: Font): number {
  const table = isBold ? bold : regular;
  let thousandths = 0;
  for (const character of text) {
    thousandths += table[(character.codePointAt(0) ?? 0) - firstCharacter] ?? others[character] ?? 1000;
  }
  return Math.round((thousandths * size) / 100) / 10;
}

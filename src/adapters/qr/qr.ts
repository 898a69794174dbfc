import { encode } from 'uqr';

/**
 * A text as the modules of a QR code (ISO/IEC 18004), row by row with its quiet zone; true is dark. About 15 % of it may be
 * spoilt (level M). Up to some 2300 bytes of UTF-8.
 */
export const qrModules = (text: string): readonly (readonly boolean[])[] =>
  // The quiet zone of the standard: four modules.
  encode(text, { ecc: 'M', border: 4 }).data;

/** As an image of its own, dark on light whatever surrounds it. */
export function qrSvg(text: string): string {
  const modules = qrModules(text);
  const size = modules.length;
  const dark = modules.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : []))).join('');
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges" role="img">` +
    `<path fill="#fff" d="M0 0h${size}v${size}H0z"/><path d="${dark}"/></svg>`
  );
}

/** Black on white by the colour cube, which themes leave alone, unlike the sixteen first colours. */
const blackOnWhite = '\u001b[38;5;16;48;5;231m';
const reset = '\u001b[0m';

/**
 * As lines for a terminal, two modules to a character. With colours it is dark on light in every theme. Without any, light
 * is what is drawn: it is dark on light where letters are light, and the other way round where they are dark, which most
 * cameras read too.
 */
export function qrLines(text: string, hasColors: boolean): readonly string[] {
  const modules = qrModules(text);
  const isDrawn = (x: number, y: number): boolean => (modules[y]?.[x] ?? false) === hasColors;
  const lines = modules.flatMap((row, y) =>
    y % 2 === 0 ? [row.map((_, x) => halfBlock(isDrawn(x, y), isDrawn(x, y + 1))).join('')] : [],
  );
  return hasColors ? lines.map((line) => `${blackOnWhite}${line}${reset}`) : lines;
}

function halfBlock(upper: boolean, lower: boolean): string {
  if (upper) return lower ? '█' : '▀';
  return lower ? '▄' : ' ';
}

import jsQR from 'jsqr';

/** Reads a QR code as a camera does; `modules` are true where it is dark. Null: there is none to be read. */
export function decode(modules: readonly (readonly boolean[])[]): string | null {
  const scale = 4;
  const size = modules.length * scale;
  const pixels = new Uint8ClampedArray(size * size * 4);
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) {
      const isDark = modules[Math.floor(y / scale)]?.[Math.floor(x / scale)] ?? false;
      pixels.set(isDark ? [0, 0, 0, 255] : [255, 255, 255, 255], (y * size + x) * 4);
    }
  }
  // By its bytes: which characters they are is not said in the code, and phones take them for UTF-8.
  const read = jsQR.default(pixels, size, size, { inversionAttempts: 'dontInvert' });
  return read === null ? null : new TextDecoder().decode(Uint8Array.from(read.binaryData));
}

/** Reads the code drawn by the second path of an SVG. */
export function decodeSvg(text: string): string | null {
  const size = Number(/viewBox="0 0 (\d+) /u.exec(text)?.[1]);
  const modules = Array.from({ length: size }, () => Array.from({ length: size }, () => false));
  for (const [, x, y] of text.matchAll(/M(\d+) (\d+)h1v1h-1z/gu)) {
    const row = modules[Number(y)];
    if (row !== undefined) row[Number(x)] = true;
  }
  return decode(modules);
}

/** Reads a code from the lines of a terminal; `drawnIsDark`: what is drawn is dark, else what is left out is. */
export function decodeLines(lines: readonly string[], drawnIsDark: boolean): string | null {
  const rows = lines.flatMap((line) => {
    const characters = line.split('');
    return ['▀█', '▄█'].map((drawn) => characters.map((each) => drawn.includes(each) === drawnIsDark));
  });
  // Two rows to a line: the last one may be more than the code has.
  const width = rows[0]?.length ?? 0;
  return decode(rows.slice(0, width));
}

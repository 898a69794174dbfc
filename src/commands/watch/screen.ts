/** What a screen needs of the terminal it is drawn on. */
export interface Terminal {
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
}

const escape = '\u001B[';
/** Alternate screen, hidden cursor, no wrapping at the right edge. */
const enter = `${escape}?1049h${escape}?25l${escape}?7l${escape}2J`;
const leave = `${escape}?7h${escape}?25h${escape}?1049l`;
/** Synchronized output: a terminal that knows it shows the frame at once, any other passes over it. */
const beginFrame = `${escape}?2026h`;
const endFrame = `${escape}?2026l`;

/** A full-screen view that does not flicker: only lines that differ from the last frame are written. */
export class Screen {
  readonly #terminal: Terminal;
  #shown: readonly string[] = [];
  #size = '';
  #isOpen = false;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  get width(): number {
    return this.#terminal.columns ?? 80;
  }

  get height(): number {
    return this.#terminal.rows ?? 24;
  }

  open(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#terminal.write(enter);
  }

  draw(frame: string): void {
    if (!this.#isOpen) return;
    const size = `${this.width} ${this.height}`;
    // After a change of size the terminal may have moved everything.
    const before = size === this.#size ? this.#shown : [];
    const clear = size === this.#size ? '' : `${escape}2J`;
    const lines = frame.split('\n');
    const changed = lines.flatMap((line, row) =>
      line === before[row]
        ? []
        : [
            // Erased before it is written: after a full line the cursor stands on its last character.
            `${escape}${row + 1};1H${escape}K${line}`,
          ],
    );
    this.#shown = lines;
    this.#size = size;
    if (changed.length > 0) this.#terminal.write(beginFrame + clear + changed.join('') + endFrame);
  }

  /** Gives the terminal back as it was. May be called again. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#terminal.write(leave);
  }
}

/** Whether colours are wanted: a terminal that is not dumb, and no NO_COLOR (https://no-color.org). */
export const wantsColour = (isTerminal: boolean, env: Readonly<Record<string, string | undefined>>): boolean =>
  isTerminal && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';

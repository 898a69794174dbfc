/** Characters of a line that are kept; the rest of a longer one is passed over. */
const longestLine = 4096;

/** Takes text as it comes, and gives whole lines on, without their ends. What it holds is bounded. */
export class LineSplitter {
  readonly #onLine: (line: string) => void;
  #rest = '';

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  take(text: string): void {
    const lines = text.split('\n');
    const last = lines.pop() ?? '';
    for (const line of lines) {
      this.#add(line);
      this.end();
    }
    this.#add(last);
  }

  /** Gives on what has no end of line. */
  end(): void {
    const line = this.#rest.replace(/\r$/u, '');
    this.#rest = '';
    if (line !== '') this.#onLine(line);
  }

  #add(text: string): void {
    this.#rest += text.slice(0, longestLine - this.#rest.length);
  }
}

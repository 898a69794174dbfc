import { byId, h } from './dom.ts';

export interface Shortcut {
  readonly keys: readonly string[];
  readonly about: string;
  readonly run: (key: string) => void;
}

const names: Readonly<Record<string, string>> = { ' ': 'space', Escape: 'esc' };

/** Has keys do what they are for, and the page of help list them. */
export function listenToKeys(shortcuts: readonly Shortcut[], others: readonly (readonly [string, string])[]): void {
  const keyboard = new Keyboard(shortcuts, others);
  keyboard.listen();
}

/** Keys that do something wherever the focus is, and the page of help that lists them. */
class Keyboard {
  readonly #byKey: ReadonlyMap<string, Shortcut>;
  readonly #help = byId('help') as HTMLDialogElement;
  readonly #areSingleKeysOn = byId('single-keys') as HTMLInputElement;

  constructor(shortcuts: readonly Shortcut[], others: readonly (readonly [string, string])[]) {
    const help: Shortcut = { keys: ['?'], about: 'these keys', run: () => this.showHelp() };
    const all = [...shortcuts, help];
    this.#byKey = new Map(all.flatMap((shortcut) => shortcut.keys.map((key) => [key, shortcut] as const)));
    const listed = all.map(({ keys, about }) => [keys.map((key) => names[key] ?? key).join('  '), about] as const);
    byId('keys').replaceChildren(
      ...[...listed, ...others].map(([keys, about]) =>
        h('div', {}, h('dt', {}, ...keys.split('  ').map((key) => h('kbd', {}, key))), h('dd', {}, about)),
      ),
    );
  }

  listen(): void {
    byId('help-button').addEventListener('click', () => this.showHelp());
    for (const button of document.querySelectorAll<HTMLElement>('[data-key]')) {
      button.addEventListener('click', () => this.#press(button.dataset['key'] ?? ''));
    }
    document.addEventListener('keydown', (event) => this.#onKey(event));
  }

  showHelp(): void {
    if (!this.#help.open) this.#help.showModal();
  }

  #onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || this.#help.open) return;
    const { target, key } = event;
    const isTyping = target instanceof HTMLInputElement && target.type === 'search';
    if (isTyping || (key.length === 1 && !this.#areSingleKeysOn.checked)) return;
    // The space bar presses a button that has the focus.
    const isPressing = target instanceof HTMLButtonElement || target instanceof HTMLInputElement;
    if (key === ' ' && isPressing) return;
    if (this.#press(key)) event.preventDefault();
  }

  #press(key: string): boolean {
    this.#byKey.get(key)?.run(key);
    return this.#byKey.has(key);
  }
}

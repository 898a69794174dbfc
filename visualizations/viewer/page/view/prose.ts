import { h } from './dom.ts';

/** Paragraphs of Markdown; of its marks, only those of code are known. */
export function paragraphs(markdown: string): HTMLElement[] {
  return markdown
    .split(/\n\s*\n/u)
    .map((paragraph) =>
      h('p', {}, ...paragraph.split('`').map((part, index) => (index % 2 === 0 ? part : h('code', {}, part)))),
    );
}

/** The first two sentences, without marks. */
export const opening = (markdown: string): string =>
  /^(?:.*?[.:](?:\s|$)){1,2}/su
    .exec(markdown.replaceAll('`', ''))?.[0]
    .replaceAll('\n', ' ')
    .trim()
    .replace(/:$/u, '.') ?? '';

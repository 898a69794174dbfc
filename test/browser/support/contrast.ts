import type { Page } from 'playwright-core';

/** Texts in sight that stand out from their ground by less than 4.5 to 1 (WCAG 2.2, 1.4.3), with what they have. */
export function lowContrastIn(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    if (canvas === null) return ['no canvas'];
    /** Colours one on the other, as the browser itself mixes them. */
    const mixed = (colours: readonly string[]): readonly number[] => {
      canvas.clearRect(0, 0, 1, 1);
      for (const colour of colours) {
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
      }
      return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
    };
    const luminance = (colour: readonly number[]): number => {
      const [red = 0, green = 0, blue = 0] = colour.map((part) => {
        const share = part / 255;
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const groundOf = (element: Element | null): string[] =>
      element === null ? ['canvas'] : [...groundOf(element.parentElement), getComputedStyle(element).backgroundColor];

    const found: string[] = [];
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = texts.nextNode(); node !== null; node = texts.nextNode()) {
      const element = node.parentElement;
      const text = node.textContent?.trim() ?? '';
      if (element === null || text === '' || element.closest('svg, script, style, template') !== null) continue;
      if (!element.checkVisibility({ visibilityProperty: true }) || element.closest('.unseen, .skip') !== null)
        continue;
      const grounds = groundOf(element);
      const ground = luminance(mixed(grounds));
      const ink = luminance(mixed([...grounds, getComputedStyle(element).color]));
      const ratio = (Math.max(ground, ink) + 0.05) / (Math.min(ground, ink) + 0.05);
      if (ratio < 4.5) found.push(`${ratio.toFixed(2)} ${element.tagName}.${element.className}: ${text.slice(0, 40)}`);
    }
    return found;
  });
}

import type { Stride } from '../model/session.ts';
import type { Shortcut } from './keyboard.ts';

/** All that is wanted of the page, by whatever key or button. */
export interface Actions {
  readonly stride: (stride: Stride, direction: 1 | -1) => void;
  readonly play: () => void;
  readonly faster: (by: 1 | -1) => void;
  readonly zoom: (factor: number) => void;
  readonly start: () => void;
  readonly end: () => void;
  readonly search: () => void;
  readonly match: (direction: 1 | -1) => void;
  readonly toggleCompact: () => void;
  readonly toggleQuiet: () => void;
  readonly toggleFit: () => void;
  readonly close: () => void;
}

/** Every key with what it does, in the order of the help page. */
export function shortcutsOf(actions: Actions): Shortcut[] {
  return [
    { keys: [' '], about: 'play or pause', run: () => actions.play() },
    { keys: ['.'], about: 'the next transition', run: () => actions.stride('move', 1) },
    { keys: [','], about: 'the previous transition', run: () => actions.stride('move', -1) },
    { keys: ['>'], about: 'the next step, also a quiet one', run: () => actions.stride('step', 1) },
    { keys: ['<'], about: 'the previous step, also a quiet one', run: () => actions.stride('step', -1) },
    { keys: ['s'], about: 'the next switch', run: () => actions.stride('switch', 1) },
    { keys: ['S'], about: 'the previous switch', run: () => actions.stride('switch', -1) },
    { keys: [']'], about: 'faster', run: () => actions.faster(1) },
    { keys: ['['], about: 'slower', run: () => actions.faster(-1) },
    { keys: ['+', '='], about: 'less time in sight, larger', run: () => actions.zoom(0.5) },
    { keys: ['-'], about: 'more time in sight', run: () => actions.zoom(2) },
    { keys: ['Home'], about: 'to the beginning', run: () => actions.start() },
    { keys: ['End', 'l'], about: 'to the end; what is live is followed', run: () => actions.end() },
    { keys: ['/'], about: 'search', run: () => actions.search() },
    { keys: ['n'], about: 'the next match', run: () => actions.match(1) },
    { keys: ['N'], about: 'the previous match', run: () => actions.match(-1) },
    { keys: ['c'], about: 'charts small and without pictures, or with', run: () => actions.toggleCompact() },
    { keys: ['f'], about: 'fit a large chart to the window, or not', run: () => actions.toggleFit() },
    { keys: ['q'], about: 'list quiet events too, or not', run: () => actions.toggleQuiet() },
    { keys: ['Escape'], about: 'back to all charts', run: () => actions.close() },
  ];
}

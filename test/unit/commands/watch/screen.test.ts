import { describe, expect, test } from 'vitest';
import { Screen, wantsColour } from '../../../../src/commands/watch/screen.ts';

function fakeTerminal() {
  const written: string[] = [];
  return { columns: 80, rows: 24, written, write: (text: string) => written.push(text) };
}

describe('the screen', () => {
  test('writes only the lines that differ from the last frame', () => {
    const terminal = fakeTerminal();
    const screen = new Screen(terminal);
    screen.open();
    screen.draw('one\ntwo\nthree');
    screen.draw('one\nTWO\nthree');
    const last = terminal.written.at(-1);
    expect(last).toContain('TWO');
    expect(last).not.toContain('one');
    expect(last).not.toContain('three');
  });

  test('keeps the last character of a line that fills the width', () => {
    const terminal = fakeTerminal();
    const screen = new Screen(terminal);
    screen.open();
    screen.draw('x'.repeat(80));
    const written = terminal.written.at(-1) ?? '';
    expect(written.indexOf('\u001B[K')).toBeLessThan(written.indexOf('x'));
    expect(written.slice(written.lastIndexOf('x'))).not.toContain('\u001B[K');
  });

  test('writes nothing for the same frame', () => {
    const terminal = fakeTerminal();
    const screen = new Screen(terminal);
    screen.open();
    screen.draw('one');
    const before = terminal.written.length;
    screen.draw('one');
    expect(terminal.written).toHaveLength(before);
  });

  test('draws everything anew after the terminal has changed its size', () => {
    const terminal = fakeTerminal();
    const screen = new Screen(terminal);
    screen.open();
    screen.draw('one\ntwo');
    terminal.columns = 100;
    screen.draw('one\ntwo');
    expect(terminal.written.at(-1)).toContain('one');
  });

  test('gives the terminal back: what it set at the start is unset at the end, once', () => {
    const terminal = fakeTerminal();
    const screen = new Screen(terminal);
    screen.open();
    screen.close();
    screen.close();
    screen.draw('late');
    expect(terminal.written).toHaveLength(2);
    const [start = '', end = ''] = terminal.written;
    expect([start.includes('?1049h'), start.includes('?25l')]).toEqual([true, true]);
    expect([end.includes('?1049l'), end.includes('?25h')]).toEqual([true, true]);
  });
});

describe('colours', () => {
  test('are for terminals that can show them, unless NO_COLOR says otherwise', () => {
    expect(wantsColour(true, { TERM: 'xterm' })).toBe(true);
    expect(wantsColour(true, { TERM: 'dumb' })).toBe(false);
    expect(wantsColour(true, { NO_COLOR: '1' })).toBe(false);
    expect(wantsColour(true, { NO_COLOR: '' })).toBe(true);
    expect(wantsColour(false, {})).toBe(false);
  });
});

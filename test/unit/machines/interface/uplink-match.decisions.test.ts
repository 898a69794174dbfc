import { describe, expect, test } from 'vitest';
import { matchesGlob } from '../../../../src/machines/interface/uplink-match.decisions.ts';

describe('a glob', () => {
  test.each([
    ['eth*', 'eth0', true],
    ['eth*', 'eth', true],
    ['eth*', 'weth0', false],
    ['e?h0', 'eth0', true],
    ['e?h0', 'eh0', false],
    ['*0', 'eth10', true],
    ['*h*0*', 'eth10', true],
    ['', '', true],
    ['', 'a', false],
    ['eth.', 'eth0', false],
    ['?', '', false],
    ['a*', 'b', false],
    ['ab*bx', 'abx', false],
    ['a*b', 'aXbXb', true],
    ['a*b', 'aXbXc', false],
    ['*ab', 'aab', true],
    ['a**b', 'ab', true],
    ['eth', 'eth0', false],
    ['eth0', 'eth', false],
    ['*', '', true],
  ])('%s on %s: %s', (glob, name, expected) => {
    expect(matchesGlob(glob, name)).toBe(expected);
  });

  test('with many stars is no slower', () => {
    expect(matchesGlob(`${'*a'.repeat(200)}b`, 'a'.repeat(2000))).toBe(false);
  });
});

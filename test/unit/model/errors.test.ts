import { expect, test } from 'vitest';
import { describe as textOf } from '../../../src/model/errors.ts';

test.each([
  ['eth1 has no way out', 'eth1 has no way out [lease.none]'],
  ['nothing answers beyond eth1: it was asked', 'nothing answers beyond eth1: it was asked [lease.none]'],
  ['no server answers', 'eth1: no server answers [lease.none]'],
  ['eth10 has no way out', 'eth1: eth10 has no way out [lease.none]'],
  ['eth1.5 has no way out', 'eth1: eth1.5 has no way out [lease.none]'],
])('a problem of eth1, "%s", names it once', (message, text) => {
  expect(textOf({ code: 'lease.none', subject: 'eth1', message })).toBe(text);
});

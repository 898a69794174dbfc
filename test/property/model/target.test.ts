import { array, check, constantFrom, oneof, property, string } from 'fast-check';
import { expect, test } from 'vitest';
import { parseTarget } from '../../../src/model/target.ts';

const likely = array(
  oneof(
    constantFrom('tcp', 'icmp', 'dns', 'http', 'https', '://', '[', ']', ':', '/', '#', '?', '%', '&', '='),
    constantFrom(
      '1.1.1.1',
      '2001:db8::1',
      'status',
      'body',
      '53',
      '204',
      'example.com',
      '\r\n',
      '\0',
      '\u0085',
      ' ',
      '..',
    ),
    string({ unit: 'binary', maxLength: 3 }),
  ),
  { maxLength: 12 },
).map((parts) => parts.join(''));

test('any text is a target or a problem of one printable line, never an exception', () => {
  const holds = property(oneof(likely, string({ unit: 'binary' })), (text) => {
    const result = parseTarget(text);
    return 'problem' in result ? !/\p{Cc}/u.test(result.problem) : result.text === text;
  });
  expect(check(holds, { numRuns: 2000 })).toHaveProperty('counterexample', null);
});

test('no path of a target can end the request line it is written into', () => {
  const holds = property(likely, (tail) => {
    const result = parseTarget(`http://192.0.2.1/${tail}`);
    return !('path' in result) || /^[\u0021-\u007e]*$/u.test(result.path);
  });
  expect(check(holds, { numRuns: 2000 })).toHaveProperty('counterexample', null);
});

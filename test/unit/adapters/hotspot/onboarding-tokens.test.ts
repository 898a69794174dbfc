import { describe, expect, test } from 'vitest';

import { createOnboardingTokens, type TokenEvent } from '../../../../src/adapters/hotspot/onboarding-tokens.ts';
import { instant, milliseconds } from '../../../../src/model/units.ts';

function bench() {
  const time = { now: 1000 };
  const events: TokenEvent[] = [];
  const tokens = createOnboardingTokens({
    lifetime: milliseconds(300_000),
    now: () => instant(time.now),
    audit: (event) => events.push(event),
  });
  return { time, events, tokens };
}

const refused = { code: 'hotspot.tokenRefused' };

describe('an onboarding token', () => {
  test('SECU-3: has 128 bits, is another each time, and says how long it is good', () => {
    const { tokens } = bench();
    const issued = Array.from({ length: 50 }, () => tokens.issue('a'));
    for (const { token, expiresInMs } of issued) {
      expect(token).toMatch(/^[\da-f]{32}$/u);
      expect(expiresInMs).toBe(300_000);
    }
    expect(new Set(issued.map(({ token }) => token)).size).toBe(50);
  });

  test('SECU-3: is good once', () => {
    const { tokens } = bench();
    const { token } = tokens.issue('a');
    expect(tokens.redeem(token, 'b')).toBeNull();
    expect(tokens.redeem(token, 'b')).toMatchObject(refused);
  });

  test('SECU-3: is good until its time is over, and not then', () => {
    const { tokens, time } = bench();
    const [first, second] = [tokens.issue('a'), tokens.issue('a')];
    time.now += 299_999;
    expect(tokens.redeem(first.token, 'b')).toBeNull();
    time.now += 1;
    expect(tokens.redeem(second.token, 'b')).toMatchObject(refused);
  });

  test('is typed with capitals and blanks around it too', () => {
    const { tokens } = bench();
    expect(tokens.redeem(` ${tokens.issue('a').token.toUpperCase()}\n`, 'b')).toBeNull();
  });

  test('one does not spend another', () => {
    const { tokens } = bench();
    const [first, second] = [tokens.issue('a'), tokens.issue('a')];
    expect(tokens.redeem(second.token, 'b')).toBeNull();
    expect(tokens.redeem(first.token, 'b')).toBeNull();
  });

  test('SECU-3: refusals of however many askers fill no log: 20 a minute are told, and the number of the others', () => {
    const { tokens, time, events } = bench();
    for (let asker = 0; asker < 1000; asker += 1) tokens.redeem('x', `fd00::${asker}`);
    expect(events).toHaveLength(20);
    time.now += 60_000;
    tokens.redeem('x', 'fd00::a');
    expect(events.slice(20)).toEqual([
      { operation: 'token.refuse', from: 'many', because: '980 more were wrong' },
      { operation: 'token.refuse', from: 'fd00::a', because: 'nobody has issued it, or it was used' },
    ]);
  });

  test('of more than 64 at once the oldest is void', () => {
    const { tokens } = bench();
    const issued = Array.from({ length: 65 }, () => tokens.issue('a').token);
    expect(tokens.redeem(issued[0] ?? '', 'b')).toMatchObject(refused);
    expect(tokens.redeem(issued[1] ?? '', 'b')).toBeNull();
  });

  test.each(['', '0', 'f'.repeat(32), 'ﬀ'.repeat(32), 'x'.repeat(100_000)])(
    'SECU-3: none that was issued: %#',
    (token) => {
      const { tokens } = bench();
      tokens.issue('a');
      expect(tokens.redeem(token, 'b')).toMatchObject(refused);
    },
  );
});

describe('guessing', () => {
  test('SECU-3: after five wrong ones a good one is refused too, for a minute, and is not spent by it', () => {
    const { tokens, time } = bench();
    const { token } = tokens.issue('a');
    for (let guess = 0; guess < 5; guess += 1) tokens.redeem(`wrong ${guess}`, 'b');
    expect(tokens.redeem(token, 'b')).toMatchObject({ message: expect.stringContaining('wait') as unknown });
    time.now += 60_000;
    expect(tokens.redeem(token, 'b')).toBeNull();
  });

  test('SECU-3: who only waits is not kept waiting by having tried meanwhile', () => {
    const { tokens, time } = bench();
    for (let guess = 0; guess < 5; guess += 1) tokens.redeem('wrong', 'b');
    time.now += 59_999;
    tokens.redeem('wrong', 'b');
    time.now += 1;
    expect(tokens.redeem(tokens.issue('a').token, 'b')).toBeNull();
  });

  test('SECU-3: somebody who guesses keeps nobody else out', () => {
    const { tokens } = bench();
    for (let guess = 0; guess < 50; guess += 1) tokens.redeem('wrong', 'b');
    expect(tokens.redeem(tokens.issue('a').token, 'c')).toBeNull();
  });
});

test('SECU-3: issue, redemption and refusal are in the audit log with who asked, and without the token', () => {
  const { tokens, events } = bench();
  const { token } = tokens.issue('the control socket');
  tokens.redeem(token, '192.168.50.101');
  tokens.redeem(token, '192.168.50.102');
  expect(events).toMatchObject([
    { operation: 'token.issue', from: 'the control socket' },
    { operation: 'token.redeem', from: '192.168.50.101' },
    { operation: 'token.refuse', from: '192.168.50.102' },
  ]);
  expect(JSON.stringify(events)).not.toContain(token);
});

test('SECU-3: a guesser fills the audit log with five lines a minute at most', () => {
  const { tokens, events } = bench();
  for (let guess = 0; guess < 500; guess += 1) tokens.redeem('wrong', 'b');
  expect(events).toHaveLength(5);
});

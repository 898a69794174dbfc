import { describe, expect, test } from 'vitest';
import { isBlocked, isThrottled, withinBudget } from '../../../../src/machines/interface/budget.decisions.ts';
import type { Candidacy } from '../../../../src/machines/interface/candidacy.decisions.ts';
import { defaultMeteredPolicy, type MeteredPolicy } from '../../../../src/model/config.ts';
import { megabytes } from '../../../../src/model/units.ts';
import { budgetLevels } from '../../../../src/model/usage.ts';

const limits = ['block', 'throttle', 'warn'] as const;
const policy = (atLimit: MeteredPolicy['atLimit']): MeteredPolicy => ({
  ...defaultMeteredPolicy,
  budget: megabytes(1000),
  atLimit,
});
const other = { code: 'uplink.duplicateAddress', message: 'eth0 has it too', subject: 'usb0' } as const;
const path = { addresses: [], gateway: '10.0.0.1' };
const candidate: Candidacy = {
  isCandidate: true,
  because: null,
  paths: { ipv4: path, ipv6: path },
  problems: [other],
};

describe('TETH-5: what the level of a budget means', () => {
  test('is nothing below 75 %, and nothing for those who have no budget', () => {
    for (const limit of limits) expect(withinBudget(candidate, 'usb0', policy(limit), 'below')).toBe(candidate);
    for (const level of budgetLevels) {
      expect(withinBudget(candidate, 'usb0', { kind: 'emergencyOnly' }, level)).toBe(candidate);
    }
  });

  test.each([
    ['block', 'at75', 'usb0 has used 75 % of its budget of 1 GB; it is not used any more when all is used'],
    ['throttle', 'at90', 'usb0 has used 90 % of its budget of 1 GB; it is slowed down when all is used'],
    ['warn', 'at90', 'usb0 has used 90 % of its budget of 1 GB; it is used on when all is used'],
  ] as const)('is a warning beside what was told before, and no more: %s, %s', (limit, level, message) => {
    const warning = { code: 'budget.nearLimit', message, remedy: 'see `backhauld budget`', subject: 'usb0' };
    const problems = [other, warning];
    expect(withinBudget(candidate, 'usb0', policy(limit), level)).toEqual({ ...candidate, problems });
  });

  const exhausted = (consequence: string) => ({
    code: 'budget.exhausted',
    message: `the budget of usb0, 1 GB, is used up; ${consequence}`,
    remedy: 'see `backhauld budget`; `backhauld budget reset` begins it anew, `set` says what is used in truth',
    subject: 'usb0',
  });

  test.each([
    ['throttle', 'it is slowed down'],
    ['warn', 'it is used on'],
  ] as const)('used up, it takes no way out where the policy is %s', (limit, consequence) => {
    const problems = [other, exhausted(consequence)];
    expect(withinBudget(candidate, 'usb0', policy(limit), 'exhausted')).toEqual({ ...candidate, problems });
  });

  test('used up, it leaves no way out where the policy is block; what was wrong before is the reason still', () => {
    const blocked = {
      isCandidate: false,
      because: 'its budget of 1 GB is used up',
      paths: { ipv4: null, ipv6: null },
      problems: [other, exhausted('it is not used any more')],
    };
    expect(withinBudget(candidate, 'usb0', policy('block'), 'exhausted')).toEqual(blocked);
    const down = { ...candidate, isCandidate: false, because: 'it is down' };
    const because = 'it is down';
    expect(withinBudget(down, 'usb0', policy('block'), 'exhausted')).toEqual({ ...blocked, because });
  });

  test('blocks and throttles at its end alone, and as the policy says', () => {
    const cases = limits.flatMap((limit) => budgetLevels.map((level) => ({ limit, level })));
    const sayings = (isSo: typeof isBlocked) =>
      cases.filter(({ limit, level }) => isSo(policy(limit), level)).map(({ limit, level }) => `${limit}, ${level}`);
    expect([sayings(isBlocked), sayings(isThrottled)]).toEqual([['block, exhausted'], ['throttle, exhausted']]);
    expect(isBlocked({ kind: 'emergencyOnly' }, 'exhausted')).toBe(false);
    expect(isThrottled({ kind: 'emergencyOnly' }, 'exhausted')).toBe(false);
  });
});

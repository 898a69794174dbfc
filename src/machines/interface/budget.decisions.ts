/** What the level of a budget means to its uplink. */
import type { UplinkPolicy } from '../../model/config.ts';
import type { Problem } from '../../model/errors.ts';
import { perFamily } from '../../model/family.ts';
import { formatBytes } from '../../model/units.ts';
import type { BudgetLevel } from '../../model/usage.ts';
import type { Candidacy } from './candidacy.decisions.ts';

/**
 * The candidacy under a budget. One that is used up, and blocks, leaves no way out: nothing is sent by it any more, no
 * probe either.
 */
export function withinBudget(candidacy: Candidacy, name: string, policy: UplinkPolicy, level: BudgetLevel): Candidacy {
  const problems = budgetProblems(name, policy, level);
  if (problems.length === 0) return candidacy;
  const told = { ...candidacy, problems: [...candidacy.problems, ...problems] };
  if (policy.kind !== 'metered' || !isBlocked(policy, level)) return told;
  return {
    ...told,
    isCandidate: false,
    because: candidacy.because ?? `its budget of ${formatBytes(policy.budget)} is used up`,
    paths: perFamily(() => null),
  };
}

/** Whether nothing may be sent by it any more. */
export const isBlocked = (policy: UplinkPolicy, level: BudgetLevel): boolean =>
  policy.kind === 'metered' && policy.atLimit === 'block' && level === 'exhausted';

/** Whether what is sent by it is slowed down. */
export const isThrottled = (policy: UplinkPolicy, level: BudgetLevel): boolean =>
  policy.kind === 'metered' && policy.atLimit === 'throttle' && level === 'exhausted';

const sharesUsed = { at75: '75 %', at90: '90 %' } as const;

const consequences = {
  block: { now: 'it is not used any more', later: 'it is not used any more when all is used' },
  throttle: { now: 'it is slowed down', later: 'it is slowed down when all is used' },
  warn: { now: 'it is used on', later: 'it is used on when all is used' },
} as const;

function budgetProblems(name: string, policy: UplinkPolicy, level: BudgetLevel): readonly Problem[] {
  if (policy.kind !== 'metered' || level === 'below') return [];
  const budget = formatBytes(policy.budget);
  const { now, later } = consequences[policy.atLimit];
  if (level === 'exhausted') {
    return [
      {
        code: 'budget.exhausted',
        message: `the budget of ${name}, ${budget}, is used up; ${now}`,
        remedy: 'see `backhauld budget`; `backhauld budget reset` begins it anew, `set` says what is used in truth',
        subject: name,
      },
    ];
  }
  return [
    {
      code: 'budget.nearLimit',
      message: `${name} has used ${sharesUsed[level]} of its budget of ${budget}; ${later}`,
      remedy: 'see `backhauld budget`',
      subject: name,
    },
  ];
}

/** What one identity has used: decisions on plain values, each moment given. */
import type { MeteredPolicy, UplinkPolicy } from '../model/config.ts';
import { describePeriods, periodAt, type WallTime } from '../model/period.ts';
import { isAbove, levelOf, type BudgetStatus, type PeriodUsage, type UsageAccount } from '../model/usage.ts';
import { bytes } from '../model/units.ts';

/** A clock that shows less has not been set since the machine was started: it says nothing of periods. */
const earliest = Date.UTC(2025, 0, 1);
/** The one in use, and those that a clock which was set wrong for a while may lead back to. */
const mostPeriods = 4;

export const newAccount = (identity: string, at: WallTime): UsageAccount => ({
  identity,
  name: '',
  policy: null,
  receivedBytes: 0,
  sentBytes: 0,
  since: at,
  lastSeen: at,
  anchor: at,
  periods: [],
  current: null,
});

/**
 * The account under the policy that holds now. Where that has other periods than before, what the running one has used
 * goes over into the new one: nothing tells how much of it was used since that began.
 */
export function underPolicy(account: UsageAccount, policy: UplinkPolicy, at: WallTime): UsageAccount {
  const metered = policy.kind === 'metered' ? policy : null;
  const before = account.policy;
  if (metered === null) return before === null ? account : { ...account, policy: null, periods: [], current: null };
  const held = { ...account, policy: metered };
  if (before === null || describePeriods(before) === describePeriods(metered)) return settled(held, at);
  const running = currentOf(account);
  const usedBytes = running !== undefined && isWithin(running, at) ? running.usedBytes : 0;
  return begun(held, usedBytes, at);
}

/** The account with the period in use that the clock says. */
export function settled(account: UsageAccount, at: WallTime): UsageAccount {
  const { policy, periods } = account;
  const running = currentOf(account);
  if (policy === null || (running !== undefined && isWithin(running, at))) return account;
  // The clock was set back to before anything known, or is not set yet: that takes nothing back that was used.
  if (running !== undefined && at < earliest) return account;
  const period = periodAt(policy, at, account.anchor);
  const known = periods.find(({ start }) => start === period.start);
  if (known !== undefined) return { ...account, current: known.start };
  if (running === undefined) return withPeriod(account, { ...period, usedBytes: 0, told: 'below' });
  if (period.start < running.start) return account;
  // What was used before the clock was set for the first time was used in this period.
  const isUnset = running.end !== null && running.end <= earliest;
  if (!isUnset) return withPeriod(account, { ...period, usedBytes: 0, told: 'below' });
  const others = { ...account, periods: periods.filter((each) => each !== running) };
  return withPeriod(others, { ...period, usedBytes: running.usedBytes, told: running.told });
}

/** So much more has been received and sent. */
export function counted(account: UsageAccount, received: number, sent: number, at: WallTime): UsageAccount {
  const settledNow = settled(account, at);
  const running = currentOf(settledNow);
  const total = {
    ...settledNow,
    receivedBytes: settledNow.receivedBytes + received,
    sentBytes: settledNow.sentBytes + sent,
    lastSeen: at,
  };
  return running === undefined
    ? total
    : replaced(total, { ...running, usedBytes: running.usedBytes + received + sent });
}

/** Its level was told of. It is lower than what was told before when a period has begun, or someone has said so. */
export const told = (account: UsageAccount): UsageAccount => {
  const running = currentOf(account);
  const level = levelIn(account);
  return running === undefined || running.told === level ? account : replaced(account, { ...running, told: level });
};

/** Nothing is used of it, and periods of days begin today. */
export const begunAnew = (account: UsageAccount, at: WallTime): UsageAccount =>
  account.policy === null ? account : begun({ ...account, anchor: at }, 0, at);

/** As the provider says it: so much is used of the running period. */
export function corrected(account: UsageAccount, usedBytes: number, at: WallTime): UsageAccount {
  const settledNow = settled(account, at);
  const running = currentOf(settledNow);
  if (running === undefined) return settledNow;
  const next = replaced(settledNow, { ...running, usedBytes });
  // What is reached again by and by is told again.
  return isAbove(running.told, levelIn(next)) ? told(next) : next;
}

export const currentOf = ({ periods, current }: UsageAccount): PeriodUsage | undefined =>
  periods.find(({ start }) => start === current);

/** How much of the budget is used; `below` without one. */
export function levelIn(account: UsageAccount): PeriodUsage['told'] {
  const running = currentOf(account);
  return running === undefined || account.policy === null ? 'below' : levelOf(running.usedBytes, account.policy.budget);
}

/** Null for one without a budget. */
export function budgetStatusOf(account: UsageAccount, iface: string | null): BudgetStatus | null {
  const { identity, policy } = account;
  const running = currentOf(account);
  if (policy === null || running === undefined) return null;
  return {
    identity,
    iface,
    usedBytes: bytes(running.usedBytes),
    budgetBytes: policy.budget,
    usedPercent: Math.round((1000 * running.usedBytes) / policy.budget) / 10,
    level: levelIn(account),
    period: policy.period,
    periodStart: new Date(running.start).toISOString(),
    periodEnd: running.end === null ? null : new Date(running.end).toISOString(),
    atLimit: policy.atLimit,
  };
}

const isWithin = ({ start, end }: PeriodUsage, at: WallTime): boolean => start <= at && (end === null || at < end);

const begun = (account: UsageAccount & { policy: MeteredPolicy | null }, usedBytes: number, at: WallTime) => {
  const { policy } = account;
  if (policy === null) return account;
  const fresh = withPeriod(
    { ...account, periods: [] },
    { ...periodAt(policy, at, account.anchor), usedBytes, told: 'below' },
  );
  return told(fresh);
};

const withPeriod = (account: UsageAccount, period: PeriodUsage): UsageAccount => ({
  ...account,
  periods: [period, ...account.periods].slice(0, mostPeriods),
  current: period.start,
});

const replaced = (account: UsageAccount, period: PeriodUsage): UsageAccount => ({
  ...account,
  periods: account.periods.map((each) => (each.start === period.start ? period : each)),
});

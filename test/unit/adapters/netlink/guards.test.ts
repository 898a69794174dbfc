import { expect, test } from 'vitest';
import { routeDeletion, routePlacement, ruleDeletion, stands } from '../../../../src/adapters/netlink/guards.ts';
import type { Route, Rule } from '../../../../src/model/kernel.ts';
import { type DesiredRoute, ownProtocol } from '../../../../src/model/network.ts';

const wanted: DesiredRoute = {
  family: 'ipv4',
  table: 100,
  destination: '0.0.0.0/0',
  metric: 5,
  linkIndex: 2,
  gateway: '10.0.0.1',
  isOnLink: false,
  because: 'a test',
};
const ours: Route = {
  family: 'ipv4',
  table: 100,
  type: 'unicast',
  destination: '0.0.0.0/0',
  gateway: '10.0.0.1',
  linkIndex: 2,
  metric: 5,
  protocol: ownProtocol,
  scope: 'global',
  preferredSource: null,
  isOnLink: false,
};
const rule: Rule = {
  family: 'ipv4',
  priority: 1000,
  action: 'lookup',
  table: 100,
  from: null,
  to: null,
  inputInterface: null,
  outputInterface: null,
  mark: null,
  mask: null,
  suppressPrefixLength: null,
  protocol: ownProtocol,
  hasOtherSelectors: false,
};

test('a free place is filled only if it is still free then; one of ours is replaced', () => {
  expect(routePlacement([], wanted)).toBe('create');
  expect(routePlacement([{ ...ours, gateway: '10.0.0.9' }], wanted)).toBe('replace');
});

test('ROUT-5: a place where a foreign route stands is left alone, even behind one of ours', () => {
  const foreign = { ...ours, protocol: 4, gateway: '10.0.0.9' };
  for (const inPlace of [[foreign], [ours, foreign], [foreign, ours]]) {
    expect(routePlacement(inPlace, wanted)).toMatchObject({ answer: { retry: 'permanent', code: 'kernel.refused' } });
  }
});

test('a route stands when it is ours, and goes the same way', () => {
  expect(stands([ours], wanted)).toBe(true);
  expect(stands([{ ...ours, protocol: 4 }], wanted)).toBe(false);
  expect(stands([{ ...ours, gateway: null }], wanted)).toBe(false);
});

test('a route that is gone already needs no deleting: with metric 0 the kernel would take another', () => {
  expect(routeDeletion([ours], ours)).toBeNull();
  expect(routeDeletion([], ours)).toMatchObject({ retry: 'satisfied' });
  expect(routeDeletion([{ ...ours, protocol: 4 }], ours)).toMatchObject({ retry: 'satisfied' });
});

test('a rule is deleted where it stands, and is gone where it does not', () => {
  expect(ruleDeletion([rule], rule)).toBeNull();
  expect(ruleDeletion([{ ...rule, priority: 999 }], rule)).toMatchObject({ retry: 'satisfied' });
});

test('ROUT-5: a rule is not deleted while the kernel could take a foreign one for it', () => {
  for (const other of [{ protocol: 4 }, { hasOtherSelectors: true }, { from: '10.0.0.2/32' }, { mark: 7 }]) {
    expect(ruleDeletion([{ ...rule, ...other }, rule], rule)).toMatchObject({
      retry: 'permanent',
      code: 'kernel.refused',
    });
  }
  // One that lacks what ours has is not taken for ours.
  const narrow = { ...rule, from: '10.0.0.2/32' };
  expect(ruleDeletion([rule, narrow], narrow)).toBeNull();
});

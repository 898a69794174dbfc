import { expect, test } from 'vitest';
import { errnos } from '../../../../src/adapters/libc/libc.ts';
import { resultOf } from '../../../../src/adapters/netlink/results.ts';

test('no error is success', () => {
  expect(resultOf('route.replace', 0, null)).toEqual({ ok: true });
});

test.each([
  ['rule.add', 'EEXIST', 'satisfied', 'kernel.refused'],
  ['route.delete', 'ESRCH', 'satisfied', 'kernel.vanished'],
  ['route.delete', 'ENODEV', 'satisfied', 'kernel.vanished'],
  ['rule.delete', 'ENOENT', 'satisfied', 'kernel.vanished'],
  ['route.replace', 'ENODEV', 'retryable', 'kernel.vanished'],
  ['route.replace', 'ENETDOWN', 'retryable', 'kernel.refused'],
  ['route.replace', 'ENETUNREACH', 'retryable', 'kernel.refused'],
  ['neighbour.resolve', 'ENODEV', 'retryable', 'kernel.vanished'],
  ['route.replace', 'EPERM', 'permanent', 'privilege.missing'],
  ['rule.add', 'EAFNOSUPPORT', 'permanent', 'kernel.featureMissing'],
  ['rule.add', 'EOPNOTSUPP', 'permanent', 'kernel.featureMissing'],
  ['route.replace', 'EBUSY', 'retryable', 'kernel.busy'],
  ['route.replace', 'ENOBUFS', 'retryable', 'kernel.busy'],
  ['route.replace', 'EINVAL', 'permanent', 'kernel.refused'],
] as const)('%s answered with %s is %s: %s', (type, errno, retry, code) => {
  expect(resultOf(type, errnos[errno], null)).toMatchObject({ ok: false, retry, code });
});

test("the kernel's own words and the error's name are in the message", () => {
  expect(resultOf('route.replace', errnos.ENETUNREACH, 'Nexthop has invalid gateway')).toMatchObject({
    message: 'Nexthop has invalid gateway (ENETUNREACH)',
  });
  expect(resultOf('route.replace', 4095, null)).toMatchObject({ message: 'refused (errno 4095)' });
});

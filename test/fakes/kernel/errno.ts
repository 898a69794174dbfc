import type { OperationResult } from '../../../src/model/network.ts';

/** The error numbers the fake answers with, by their names in errno.h. */
export type Errno =
  | 'EBUSY'
  | 'EEXIST'
  | 'EHOSTUNREACH'
  | 'EINVAL'
  | 'ENETDOWN'
  | 'ENETUNREACH'
  | 'ENOBUFS'
  | 'ENODEV'
  | 'ENOENT'
  | 'EOPNOTSUPP'
  | 'EPERM'
  | 'ESRCH';

type Failure = Exclude<OperationResult, { ok: true }>;

const retryable = (code: Failure['code']): Omit<Failure, 'message'> => ({ ok: false, retry: 'retryable', code });
const permanent = (code: Failure['code']): Omit<Failure, 'message'> => ({ ok: false, retry: 'permanent', code });
const satisfied = (code: Failure['code']): Omit<Failure, 'message'> => ({ ok: false, retry: 'satisfied', code });

const failures: Readonly<Record<Errno, Omit<Failure, 'message'>>> = {
  EBUSY: retryable('kernel.busy'),
  EEXIST: satisfied('kernel.refused'),
  EHOSTUNREACH: retryable('kernel.refused'),
  EINVAL: permanent('kernel.refused'),
  ENETDOWN: retryable('kernel.refused'),
  ENETUNREACH: retryable('kernel.refused'),
  ENOBUFS: retryable('kernel.busy'),
  ENODEV: satisfied('kernel.vanished'),
  ENOENT: satisfied('kernel.vanished'),
  EOPNOTSUPP: permanent('kernel.featureMissing'),
  EPERM: permanent('privilege.missing'),
  ESRCH: satisfied('kernel.vanished'),
};

/** An error number as the result of an operation, as the adapters classify it. */
export const failureOf = (errno: Errno): Failure => ({ ...failures[errno], message: errno });

import type { KernelOperation } from '../../effects/ports.ts';
import { done, type OperationResult } from '../../model/network.ts';
import { errnoName, errnos } from '../libc/libc.ts';

/** What an error number means for an operation, and whether to try again. `errno` is positive; 0 is success. */
export function resultOf(type: KernelOperation['type'], errno: number, words: string | null): OperationResult {
  if (errno === 0) return done;
  const failed = (
    retry: 'retryable' | 'permanent' | 'satisfied',
    code: Exclude<OperationResult, { ok: true }>['code'],
  ): OperationResult => ({ ok: false, retry, code, message: `${words ?? 'refused'} (${errnoName(errno)})` });
  const isDelete = type === 'route.delete' || type === 'rule.delete' || type === 'address.delete';
  switch (errno) {
    case errnos.EEXIST:
      return failed(type === 'rule.add' || type === 'address.add' ? 'satisfied' : 'retryable', 'kernel.refused');
    case errnos.ESRCH:
    case errnos.ENOENT:
    case errnos.ENXIO:
    case errnos.ENODEV:
    case errnos.EADDRNOTAVAIL:
      return failed(isDelete ? 'satisfied' : 'retryable', 'kernel.vanished');
    // The link is down, or the gateway is not to be reached over it yet.
    case errnos.ENETDOWN:
    case errnos.ENETUNREACH:
    case errnos.EHOSTUNREACH:
      return failed('retryable', 'kernel.refused');
    case errnos.EPERM:
      return failed('permanent', 'privilege.missing');
    // EACCES: IPv6 is switched off on the link.
    case errnos.EACCES:
    case errnos.EOPNOTSUPP:
    case errnos.EAFNOSUPPORT:
    case errnos.EPROTONOSUPPORT:
      return failed('permanent', 'kernel.featureMissing');
    case errnos.EBUSY:
    case errnos.EAGAIN:
    case errnos.EINTR:
    case errnos.ENOBUFS:
    case errnos.ENOMEM:
      return failed('retryable', 'kernel.busy');
    default:
      return failed('permanent', 'kernel.refused');
  }
}

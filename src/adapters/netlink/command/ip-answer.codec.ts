import type { KernelOperation } from '../../../effects/ports.ts';
import type { OperationResult } from '../../../model/network.ts';
import { errnos } from '../../libc/libc.ts';
import { resultOf } from '../results.ts';

/** strerror(3) in the C locale: what `ip` writes where the kernel gives no words of its own. */
const systemErrors: Readonly<Record<string, number>> = {
  'Operation not permitted': errnos.EPERM,
  'No such file or directory': errnos.ENOENT,
  'No such process': errnos.ESRCH,
  'Interrupted system call': errnos.EINTR,
  'No such device or address': errnos.ENXIO,
  'Resource temporarily unavailable': errnos.EAGAIN,
  'Cannot allocate memory': errnos.ENOMEM,
  'Permission denied': errnos.EACCES,
  'Device or resource busy': errnos.EBUSY,
  'File exists': errnos.EEXIST,
  'No such device': errnos.ENODEV,
  'Invalid argument': errnos.EINVAL,
  'Protocol not supported': errnos.EPROTONOSUPPORT,
  'Operation not supported': errnos.EOPNOTSUPP,
  'Address family not supported by protocol': errnos.EAFNOSUPPORT,
  'Cannot assign requested address': errnos.EADDRNOTAVAIL,
  'Network is down': errnos.ENETDOWN,
  'Network is unreachable': errnos.ENETUNREACH,
  'No route to host': errnos.EHOSTUNREACH,
  'No buffer space available': errnos.ENOBUFS,
};

/** With the kernel's words (extended acknowledgements) `ip` drops the number: these are the numbers behind them. */
const kernelWords: readonly (readonly [RegExp, number])[] = [
  [/nexthop has invalid gateway/iu, errnos.ENETUNREACH],
  [/(?:nexthop device|device for nexthop) is not up/iu, errnos.ENETDOWN],
  [/fib table does not exist/iu, errnos.ESRCH],
  [/ipv6 is disabled/iu, errnos.EACCES],
  [
    /cannot find device|device does not exist|no such device|device not found|unable to find the interface/iu,
    errnos.ENODEV,
  ],
  [/address already assigned/iu, errnos.EEXIST],
  [/address not found/iu, errnos.EADDRNOTAVAIL],
  [/mtu (?:greater|less) than device/iu, errnos.EINVAL],
  [/invalid|can not be|cannot be|must be|unknown|not a valid|is wrong/iu, errnos.EINVAL],
  [/not supported/iu, errnos.EOPNOTSUPP],
];

/**
 * What came of a command of which `ip` said this. Words that are not known count as refused for now, for they may mean
 * anything.
 */
export function resultOfAnswer(type: KernelOperation['type'], text: string): OperationResult {
  const [, system] = /RTNETLINK answers: (.+?)$/u.exec(text.trim()) ?? [];
  const errno =
    (system === undefined ? undefined : systemErrors[system]) ?? kernelWords.find(([words]) => words.test(text))?.[1];
  if (errno !== undefined) return resultOf(type, errno, text.trim());
  const message = `\`ip\` refused: ${text.trim() === '' ? 'it did not say why' : text.trim()}`;
  return { ok: false, retry: 'retryable', code: 'kernel.refused', message };
}

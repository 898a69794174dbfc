import type { KernelOperation } from '../../../src/effects/ports.ts';
import type { OperationResult } from '../../../src/model/network.ts';
import { errnos } from '../../../src/adapters/libc/libc.ts';
import { resultOf } from '../../../src/adapters/netlink/results.ts';

/** The error numbers the fake answers with, by their names in errno.h. */
export type Errno = keyof typeof errnos;

/** An error number as the result of an operation, classified as the drivers do it. */
export const resultOfErrno = (type: KernelOperation['type'], errno: Errno | null): OperationResult =>
  resultOf(type, errno === null ? 0 : errnos[errno], null);

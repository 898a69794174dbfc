import type { ErrorCode } from '../../model/errors.ts';

interface Found {
  /** What was looked at, in a word or two. */
  readonly check: string;
  /** What was found, in one sentence. */
  readonly found: string;
  /** What to do about it; null where nothing needs to be done. */
  readonly remedy: string | null;
}

/** One thing `doctor` looked at. A problem keeps the daemon from its work; a warning may surprise someone. */
export type Finding = Found &
  ({ readonly status: 'ok' | 'warning' } | { readonly status: 'problem'; readonly code: ErrorCode });

export const fine = (check: string, found: string): Finding => ({ check, status: 'ok', found, remedy: null });
export const warning = (check: string, found: string, remedy: string): Finding => ({
  check,
  status: 'warning',
  found,
  remedy,
});
export const trouble = (code: ErrorCode, check: string, found: string, remedy: string): Finding => ({
  check,
  status: 'problem',
  code,
  found,
  remedy,
});

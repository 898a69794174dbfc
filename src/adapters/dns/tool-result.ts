import { done, type OperationResult } from '../../model/network.ts';
import type { ProcessResult } from '../process/run.ts';

/** What came of a program, as the result of an operation. */
export function resultOf(result: ProcessResult): OperationResult {
  if (result.ok) return done;
  const { code, message } = result;
  return { ok: false, retry: code === 'tool.missing' ? 'permanent' : 'retryable', code, message };
}

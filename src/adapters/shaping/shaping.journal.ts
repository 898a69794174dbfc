import { rmSync } from 'node:fs';
import { join } from 'node:path';

import type { ShapingJournal } from '../../effects/ports.ts';
import type { Problem } from '../../model/errors.ts';
import { done, type OperationResult } from '../../model/network.ts';
import { readScope, type Scope } from '../settings/scope.ts';
import { openStateFile, type StateFileFormat } from '../state-files/state-file.ts';

export const shapingFile = 'shaping.json';

const format: StateFileFormat<readonly Scope[]> = { name: shapingFile, version: 1, parse: parseScopes };

/**
 * Opens `shaping.json` in the state directory: the network namespaces of this boot in which backhauld has qdiscs or
 * rules. Those of another boot are gone by themselves.
 */
export function openShapingJournal(
  stateDirectory: string,
  scope: Scope = readScope(),
): { readonly journal: ShapingJournal; readonly problems: readonly Problem[] } {
  const file = openStateFile(stateDirectory, format);
  const isOwn = ({ boot, namespace }: Scope): boolean => boot === scope.boot && namespace === scope.namespace;
  const { value, problems } = file.read();
  let isRecorded = (value ?? []).some(isOwn);

  function save(shallBe: boolean): OperationResult {
    if (isRecorded === shallBe) return done;
    // Another daemon may have written since.
    const others = (file.read().value ?? []).filter((one) => one.boot === scope.boot && !isOwn(one));
    const all = shallBe ? [...others, scope] : others;
    const problem = all.length === 0 ? removeFile(join(stateDirectory, shapingFile)) : file.write(all);
    if (problem !== null) {
      const message = `${problem.subject ?? shapingFile} ${problem.message}`;
      return { ok: false, retry: 'retryable', code: 'state.unwritable', message };
    }
    isRecorded = shallBe;
    return done;
  }

  return {
    problems,
    journal: {
      get isRecorded() {
        return isRecorded;
      },
      record: () => save(true),
      forget: () => save(false),
    },
  };
}

/** Where there is no file, the next start need not look for leftovers. */
function removeFile(path: string): Problem | null {
  try {
    rmSync(path, { force: true });
    return null;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { code: 'state.unwritable', subject: path, message: `cannot be removed (${why})` };
  }
}

function parseScopes(data: unknown): readonly Scope[] | undefined {
  return Array.isArray(data) && data.every(isScope) ? data : undefined;
}

const isScope = (value: unknown): value is Scope =>
  typeof value === 'object' &&
  value !== null &&
  'boot' in value &&
  typeof value.boot === 'string' &&
  'namespace' in value &&
  typeof value.namespace === 'string';

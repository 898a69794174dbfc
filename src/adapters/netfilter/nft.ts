import { randomUUID } from 'node:crypto';
import { closeSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Problem } from '../../model/errors.ts';
import { run } from '../process/run.ts';

/** For one call of nft, in milliseconds. */
const patience = 10_000;

/** Why a ruleset was not carried out. */
export interface RulesetProblem extends Problem {
  readonly code: 'state.unwritable' | 'tool.missing' | 'tool.timeout' | 'tool.failed';
}

/**
 * Carries out a ruleset in one transaction; null when all is well.
 *
 * nft cannot read a ruleset from the kind of pipe that Node makes: it gets a file, which has lost its name before anything
 * is in it, and is found by its descriptor. So whoever is killed meanwhile leaves nothing behind.
 */
export async function applyRuleset(ruleset: string): Promise<RulesetProblem | null> {
  const descriptor = openNameless(ruleset);
  if (typeof descriptor === 'string') {
    return { code: 'state.unwritable', subject: 'nft', message: `its ruleset cannot be written (${descriptor})` };
  }
  try {
    const result = await run('nft', ['-f', `/proc/${process.pid}/fd/${descriptor}`], { timeout: patience });
    return result.ok ? null : { code: result.code, subject: 'nft', message: result.message };
  } finally {
    closeSync(descriptor);
  }
}

/** A table as nft writes it, without counts; null: there is none, or nobody may see it. */
export async function listTable(name: string): Promise<string | null> {
  const result = await run('nft', ['--stateless', 'list', 'table', 'inet', name], { timeout: patience });
  return result.ok ? result.stdout : null;
}

/** A file with this text that has no name any more, as its descriptor; why there is none, in words. */
function openNameless(text: string): number | string {
  try {
    const path = join(tmpdir(), `backhauld-${randomUUID()}.nft`);
    const descriptor = openSync(path, 'wx+', 0o600);
    unlinkSync(path);
    writeSync(descriptor, text);
    return descriptor;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

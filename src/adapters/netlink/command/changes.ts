import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { KernelOperation } from '../../../effects/ports.ts';
import type { KernelState, Route } from '../../../model/kernel.ts';
import { done, type OperationResult } from '../../../model/network.ts';
import { errnos } from '../../libc/libc.ts';
import { routeDeletion, routePlacement, ruleDeletion, stands } from '../guards.ts';
import type { KernelMirror } from '../mirror.ts';
import { resultOf } from '../results.ts';
import { childEnvironment } from './child-environment.ts';
import { resultOfAnswer } from './ip-answer.codec.ts';
import type { IpBatch } from './ip-batch.ts';
import { encodeOperation, lineOf } from './ip-command.codec.ts';

export interface ChangeContext {
  readonly batch: IpBatch;
  readonly program: string;
  readonly mirror: KernelMirror;
  /** Brings the mirror to what the kernel has now, of the kinds an operation is judged by. */
  readonly refresh: () => Promise<void>;
}

const commandTimeout = 5000;
const runFile = promisify(execFile);

/** Carries out one operation. What guards it looks at the mirror, which is brought up to date first. */
export async function carryOut(operation: KernelOperation, context: ChangeContext): Promise<OperationResult> {
  const { mirror, refresh } = context;
  switch (operation.type) {
    case 'route.replace':
      return replaceRoute(operation, context);
    case 'route.delete': {
      await refresh();
      const { route } = operation;
      return routeDeletion(mirror.routesInPlaceOf(route), route) ?? (await send(operation, context));
    }
    case 'rule.delete':
      await refresh();
      return ruleDeletion(mirror.state.rules.values(), operation.rule) ?? (await send(operation, context));
    case 'rule.add':
    case 'neighbour.resolve':
    case 'address.add':
    case 'address.delete':
    case 'link.set':
      return send(operation, context);
    default:
      return operation satisfies never;
  }
}

type RouteReplace = Extract<KernelOperation, { type: 'route.replace' }>;

async function replaceRoute(operation: RouteReplace, context: ChangeContext): Promise<OperationResult> {
  const inPlace = (): readonly Route[] => context.mirror.routesInPlaceOf(operation.route);
  const attempt = async (): Promise<OperationResult> => {
    const placement = routePlacement(inPlace(), operation.route);
    return typeof placement === 'object' ? placement.answer : send(operation, context, placement);
  };
  await context.refresh();
  const result = await attempt();
  if (result.ok || result.code !== 'kernel.refused' || result.retry !== 'retryable') return result;
  // Someone was faster, or the same route stands behind another of ours: look again, once.
  await context.refresh();
  return stands(inPlace(), operation.route) ? { ...result, retry: 'satisfied' } : attempt();
}

async function send(
  operation: KernelOperation,
  context: ChangeContext,
  placement: 'create' | 'replace' = 'replace',
): Promise<OperationResult> {
  const encoded = encodeOperation(operation, placement);
  if (!encoded.ok) return resultOf(operation.type, errnos.EINVAL, encoded.message);
  const { family, words } = encoded.command;
  const byName = namingDevice(words, context.mirror.state.links);
  if (byName !== null) return runOnce(operation, byName, family, context.program);
  const line = lineOf(encoded.command);
  if (line === null) return runOnce(operation, words, family, context.program);
  const answer = await context.batch.run([line], 'quiet');
  if (!answer.ok) {
    const code = answer.isMissing ? 'tool.failed' : 'kernel.busy';
    return { ok: false, retry: 'retryable', code, message: `\`ip -batch\`: ${answer.message}` };
  }
  const failure = answer.failures.get(0);
  return failure === undefined ? done : resultOfAnswer(operation.type, failure);
}

/**
 * `ip` takes `if11` for an index only where no link is called so. Where one is, the name of the link that is meant stands
 * in its place, for a process that remembers no earlier one; null where there is no such need.
 */
function namingDevice(words: readonly string[], links: KernelState['links']): readonly string[] | null {
  const position = words.indexOf('dev') + 1;
  const [, index] = /^if(\d+)$/u.exec(position === 0 ? '' : (words[position] ?? '')) ?? [];
  const isTaken = [...links.values()].some(({ name }) => name === words[position]);
  const meant = links.get(Number(index));
  return index === undefined || !isTaken || meant === undefined ? null : words.with(position, meant.name);
}

/** Words that cannot be part of a line of a batch are safe as arguments of a process. It takes 6–10 ms. */
async function runOnce(
  { type }: KernelOperation,
  words: readonly string[],
  family: 'ipv4' | 'ipv6',
  program: string,
): Promise<OperationResult> {
  try {
    await runFile(program, [family === 'ipv4' ? '-4' : '-6', ...words], {
      env: childEnvironment(),
      timeout: commandTimeout,
      killSignal: 'SIGKILL',
    });
    return done;
  } catch (error) {
    const { stderr } = error instanceof Error && 'stderr' in error ? error : { stderr: '' };
    return resultOfAnswer(type, typeof stderr === 'string' ? stderr : '');
  }
}

import { request } from 'node:http';

import { BackhaulError, errorCodes, type Problem } from '../../model/errors.ts';
import { codeOf } from './socket-state.ts';

export interface ControlCall {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
}

/**
 * Asks the daemon behind a control socket.
 *
 * @throws BackhaulError `control.notRunning` when nobody answers, `control.protocol` when the answer makes no sense, or
 * the problem that the daemon names.
 */
export async function callControl(socketPath: string, call: ControlCall): Promise<unknown> {
  const { status, text } = await send(socketPath, call);
  const value = parsed(text);
  if (status >= 200 && status < 300 && value !== undefined) return value;
  throw new BackhaulError(
    problemIn(value) ?? {
      code: 'control.protocol',
      subject: socketPath,
      message: `the daemon's answer (status ${status}) makes no sense`,
      remedy: 'see whether it is a backhauld of the same version',
    },
  );
}

function send(socketPath: string, { method, path, body }: ControlCall): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath, method, path, timeout: 5000, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.once('end', () => resolve({ status: response.statusCode ?? 0, text }));
      // After a complete answer this comes too late to matter.
      response.once('close', () => reject(brokenOff(socketPath)));
      response.once('error', () => reject(brokenOff(socketPath)));
    });
    outgoing.once('timeout', () => outgoing.destroy(new Error('no answer within 5 s')));
    outgoing.once('error', (error) => reject(notRunning(socketPath, error)));
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

const brokenOff = (socketPath: string): BackhaulError =>
  new BackhaulError({
    code: 'control.protocol',
    subject: socketPath,
    message: 'the daemon broke off its answer',
    remedy: 'it may just be ending; ask again',
  });

function notRunning(socketPath: string, error: Error): BackhaulError {
  const code = codeOf(error);
  if (code === 'EACCES' || code === 'EPERM') {
    return new BackhaulError({
      code: 'privilege.missing',
      subject: socketPath,
      message: 'the control socket may not be used by this user',
      remedy: 'be root, or a member of the group that owns the socket',
    });
  }
  return new BackhaulError({
    code: 'control.notRunning',
    subject: socketPath,
    message: `no daemon answers (${code ?? error.message})`,
    remedy: 'start it with "backhauld run", or name its socket with --socket',
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function problemIn(value: unknown): Problem | null {
  if (typeof value !== 'object' || value === null || !('error' in value)) return null;
  const { error } = value;
  return isProblem(error) ? error : null;
}

const isProblem = (value: unknown): value is Problem =>
  typeof value === 'object' &&
  value !== null &&
  'code' in value &&
  errorCodes.some((code) => code === value.code) &&
  'message' in value &&
  typeof value.message === 'string';

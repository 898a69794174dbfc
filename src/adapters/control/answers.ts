import type { Problem } from '../../model/errors.ts';
import type { ControlApi, ControlFailure } from './api.ts';

export interface ControlRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: string;
}

export interface ControlAnswer {
  readonly status: number;
  readonly value: unknown;
}

/** Handlers by path and method. */
export type Routes = Readonly<
  Record<string, Readonly<Record<string, (api: ControlApi, request: ControlRequest) => ControlAnswer>>>
>;

export const ok = (value: unknown): ControlAnswer => ({ status: 200, value });

export const failed = (status: number, error: Problem): ControlAnswer => ({
  status,
  value: { error } satisfies ControlFailure,
});

/** The text that a body of JSON holds under a name; null when it holds none. */
export function memberOf(body: string, name: string): string | null {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value !== 'object' || value === null) return null;
    const member: unknown = Object.getOwnPropertyDescriptor(value, name)?.value;
    return typeof member === 'string' ? member : null;
  } catch {
    return null;
  }
}

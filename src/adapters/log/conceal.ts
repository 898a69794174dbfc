import { stdSerializers } from 'pino';

import { concealed, isSecretName, secretMember } from './secret-names.ts';

/** Deeper, or in a circle, nothing is told. */
const deepest = 8;

/**
 * A copy for the log in which every member whose name is that of a secret is replaced, at any depth and in any spelling
 * of upper and lower case; errors with all their members too. Text is not looked into: secrets do not belong there.
 */
export function conceal(value: unknown, depth = 0): unknown {
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > deepest) return '[too deep]';
  if (value instanceof Error) return concealMembers(stdSerializers.err(value), depth);
  if (Array.isArray(value)) return value.map((item) => conceal(item, depth + 1));
  if (value instanceof Map || value instanceof Set) return conceal([...value], depth);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if ('toJSON' in value && typeof value.toJSON === 'function') return conceal(callToJson(value), depth + 1);
  return concealMembers(value, depth);
}

/** That there is none is no secret. */
const holdsSecret = (name: string, member: unknown): boolean =>
  member !== null && member !== undefined && isSecretName(name);

function concealMembers(object: object, depth: number): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(object)) {
    copy[name] = holdsSecret(name, member) ? concealed : conceal(member, depth + 1);
  }
  return copy;
}

function callToJson(value: { toJSON?: unknown }): unknown {
  return typeof value.toJSON === 'function' ? (value.toJSON as () => unknown).call(value) : undefined;
}

/** `conceal` for the members of one line, which pino wants as a plain object. */
export const concealLine = (line: Record<string, unknown>): Record<string, unknown> => concealMembers(line, 0);

/** JSON of a plain value with its secrets concealed, at any depth; also those in lists of names with their values. */
export function concealedJson(value: unknown): string {
  const text = JSON.stringify(value);
  // Most have none: to look for one costs less than to write it out with care.
  return secretMember.test(text) ? JSON.stringify(value, concealMember) : text;
}

function concealMember(name: string, member: unknown): unknown {
  if (holdsSecret(name, member)) return concealed;
  const first: unknown = Array.isArray(member) && member.length === 2 ? member[0] : null;
  return typeof first === 'string' && isSecretName(first) ? [first, concealed] : member;
}

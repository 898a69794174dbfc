import { TomlError, parse } from 'smol-toml';
import * as v from 'valibot';

import type { Config } from '../../model/config.ts';
import type { Problem } from '../../model/errors.ts';
import { isSecretName } from '../log/secret-names.ts';
import type { ConfigPath } from './positions.ts';
import { configSchema, type ConfigInput } from './schema.ts';

export type ConfigReading =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly problems: readonly [Problem, ...Problem[]] };

/**
 * Reads a configuration file's text. All mistakes are reported at once, each with file, line, column, what was found
 * and what was expected. Only a syntax error hides the rest: after it nothing can be said of the remaining text.
 */
export async function readConfigText(text: string, file: string): Promise<ConfigReading> {
  const parsed = parseToml(text, file);
  if (!parsed.ok) return parsed;
  const result = v.safeParse(configSchema, parsed.value);
  if (result.success) return { ok: true, config: result.output };
  // The parser that knows positions is needed for mistakes only, and is not loaded without one.
  const { positionsOf } = await import('./positions.ts');
  const position = positionsOf(text);
  return {
    ok: false,
    problems: listOf(
      result.issues
        .map(innermost)
        .map((issue) => ({ issue, at: position(pathOf(issue), isUnknownKey(issue) ? 'key' : 'value') }))
        .toSorted((a, b) => a.at.line - b.at.line || a.at.column - b.at.column),
      ({ issue, at }) => problemOf(issue, `${file}:${at.line}:${at.column}`),
    ),
  };
}

/** Checks a configuration that is given as an object, as the library takes it. */
export function readConfigObject(input: ConfigInput): ConfigReading {
  const result = v.safeParse(configSchema, input);
  if (result.success) return { ok: true, config: result.output };
  return { ok: false, problems: listOf(result.issues, (issue) => problemOf(innermost(issue), 'config')) };
}

function parseToml(
  text: string,
  file: string,
): { ok: true; value: Record<string, unknown> } | (ConfigReading & { ok: false }) {
  try {
    return { ok: true, value: parse(text) };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [first = 'not TOML'] = error.message.replace(/^Invalid TOML document: /u, '').split('\n');
    return {
      ok: false,
      problems: [
        {
          code: 'config.syntax',
          subject: `${file}:${error.line}:${error.column}`,
          message: `this is no TOML: ${first}`,
          remedy: 'mend the syntax; what stands after it is checked then',
        },
      ],
    };
  }
}

const listOf = <T>(
  issues: readonly [T, ...T[]] | readonly T[],
  make: (issue: T) => Problem,
): [Problem, ...Problem[]] => {
  const [first, ...others] = issues.map(make);
  return [first ?? { code: 'config.invalid', message: 'the configuration is not valid' }, ...others];
};

const pathOf = (issue: v.BaseIssue<unknown>): ConfigPath =>
  (issue.path ?? []).flatMap(({ key }) => (typeof key === 'string' || typeof key === 'number' ? [key] : []));

/** What is wrong inside one alternative of a union says more than that the value is none of them. */
function innermost(issue: v.BaseIssue<unknown>): v.BaseIssue<unknown> {
  const inner = issue.issues?.find(({ path }) => path !== undefined && path.length > 0);
  if (inner?.path === undefined) return issue;
  const [first, ...others] = [...(issue.path ?? []), ...inner.path];
  return first === undefined ? inner : { ...inner, path: [first, ...others] };
}

function problemOf(issue: v.BaseIssue<unknown>, subject: string): Problem {
  const path = pathOf(issue);
  const name = nameOf(path);
  if (isUnknownKey(issue)) {
    return { code: 'config.invalid', subject, message: `${name} is no setting`, remedy: `expected ${issue.message}` };
  }
  // What is wrong with one setting beside another is said of the one, and was found in the table of both.
  const found = issue.path?.at(-1)?.value ?? issue.input;
  if (found === undefined) {
    return {
      code: 'config.invalid',
      subject,
      message: `${name} is missing`,
      remedy: 'it has no default and must be given',
    };
  }
  return {
    code: 'config.invalid',
    subject,
    message: `${name === '' ? 'the configuration' : name} is ${isSecret(path) ? hidden(found) : shown(found)}`,
    remedy: `expected ${issue.message}`,
  };
}

const isUnknownKey = (issue: v.BaseIssue<unknown>): boolean =>
  issue.path?.at(-1)?.origin === 'key' && issue.type === 'raw_check';

/** A path as TOML writes it: `probe.targets[0]`, keys in quotes where they need them. */
function nameOf(path: ConfigPath): string {
  return path
    .map((key) => {
      if (typeof key === 'number') return `[${key}]`;
      return /^[\w-]+$/u.test(key) ? `.${key}` : `.${shown(key)}`;
    })
    .join('')
    .replace(/^\./u, '');
}

const isSecret = (path: ConfigPath): boolean => path.some((key) => typeof key === 'string' && isSecretName(key));

/** What can be said of a secret: the message goes to logs and to terminals that others see. */
function hidden(value: unknown): string {
  if (typeof value !== 'string') return 'no text';
  const { length } = value;
  const odd = /[^\x20-\x7e]/u.test(value) ? ', not all of them printable ASCII' : '';
  return `a text of ${length} ${length === 1 ? 'character' : 'characters'}${odd}`;
}

/** What was found, short enough for a line, and with nothing in it that could move the cursor of a terminal. */
function shown(value: unknown): string {
  if (value instanceof Date) return 'a date';
  if (Array.isArray(value) && value.some((each) => typeof each === 'object')) return 'a list of tables or lists';
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return 'a table with these values';
  // JSON has no words for NaN and infinity, and none for what a caller of the library may pass.
  const isJson =
    typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value) || Array.isArray(value);
  const text = isJson ? JSON.stringify(value) : String(value);
  const safe = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?');
  return safe.length > 80 ? `${safe.slice(0, 77)}…` : safe;
}

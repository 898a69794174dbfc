import { type DestinationStream, destination as openDestination, type Logger, pino, stdTimeFunctions } from 'pino';
import { concealLine } from './conceal.ts';

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** What is used of pino's logger: `log.info({ iface }, 'text')`. */
export interface Log extends Pick<Logger, 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'isLevelEnabled'> {
  /** A logger that writes these members too; each component has its own: `log.child({ component: 'probes' })`. */
  child(bindings: Readonly<Record<string, unknown>>): Log;
}

export interface LogOptions {
  readonly level: LogLevel;
  /** Where lines go; stderr unless given. */
  readonly destination?: DestinationStream;
}

/** Lines that wait for a reader of stderr who has stopped; what comes after them is dropped, and the daemon goes on. */
const maxWaiting = 1024 * 1024;

/** Creates the log: JSON lines with time in UTC, level and component, in which no member named as a secret is shown. */
export function createLog({ level, destination = stderr() }: LogOptions): Log {
  const logger = pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      // Not by pino's `redact`: its wildcards stand for one level each, tell upper from lower case, and cost ten times as much.
      formatters: { level: (label) => ({ level: label }), log: concealLine },
      // Errors are concealed, and thereby serialised, before pino would look for them.
      serializers: { err: (value: unknown) => value },
    },
    destination,
  );
  return concealing(logger);
}

/** pino applies no formatter to what children are bound to. */
const concealing = (logger: Logger): Log => ({
  trace: logger.trace.bind(logger),
  debug: logger.debug.bind(logger),
  info: logger.info.bind(logger),
  warn: logger.warn.bind(logger),
  error: logger.error.bind(logger),
  fatal: logger.fatal.bind(logger),
  isLevelEnabled: (level) => logger.isLevelEnabled(level),
  child: (bindings) => concealing(logger.child(concealLine(bindings))),
});

/**
 * Written without waiting: a full pipe must not stop the daemon. pino flushes it when the process ends, by
 * `process.exit` too.
 */
const stderr = (): DestinationStream => openDestination({ fd: 2, sync: false, minLength: 0, maxLength: maxWaiting });

/** The level a text names, as of an environment variable; the other one when it names none. */
export const logLevelOf = (text: string | undefined, otherwise: LogLevel = 'info'): LogLevel =>
  logLevels.find((level) => level === text) ?? otherwise;

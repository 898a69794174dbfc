import { env } from 'node:process';

/**
 * Whether a program could not be started for want of it. EACCES stands for that too: execvp says so when it found none,
 * and a directory on the PATH may not be looked into.
 */
export const isProgramMissing = ({ code }: NodeJS.ErrnoException): boolean => code === 'ENOENT' || code === 'EACCES';

/**
 * The environment of `ip`: nothing that bends its words (`IPROUTE2_…`, colours, languages), and a PATH that also finds
 * it where services without a login shell do not look.
 */
export const childEnvironment = (): NodeJS.ProcessEnv => ({
  PATH: [env['PATH'] ?? '', '/usr/sbin', '/sbin', '/usr/bin', '/bin'].filter((entry) => entry !== '').join(':'),
  LC_ALL: 'C',
});

import { env } from 'node:process';

/**
 * The environment of `ip`: nothing that bends its words (`IPROUTE2_…`, colours, languages), and a PATH that also finds
 * it where services without a login shell do not look.
 */
export const childEnvironment = (): NodeJS.ProcessEnv => ({
  PATH: [env['PATH'] ?? '', '/usr/sbin', '/sbin', '/usr/bin', '/bin'].filter((entry) => entry !== '').join(':'),
  LC_ALL: 'C',
});

/**
 * What a client does, as one line of JSON: `hotspot-client.ts resolve SERVER NAME A|AAAA`, `… get ADDRESS PATH HOST`,
 * `… connect ADDRESS PORT`.
 */
import { Resolver } from 'node:dns/promises';
import { request } from 'node:http';
import { connect } from 'node:net';

const [what = '', ...operands] = process.argv.slice(2);

async function resolve(server = '', name = '', type = 'A'): Promise<unknown> {
  const resolver = new Resolver({ timeout: 1000, tries: 2 });
  resolver.setServers([server.includes(':') ? `[${server}]` : server]);
  try {
    return await resolver.resolve(name, type);
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : String(error);
  }
}

const get = async (host = '', path = '', name = ''): Promise<unknown> =>
  new Promise((done) => {
    const asked = request({ host, path, port: 80, headers: { host: name }, timeout: 2000 }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('end', () => done({ status: response.statusCode, body }));
    });
    asked.on('timeout', () => asked.destroy(new Error('timeout')));
    asked.on('error', (error) => done({ error: 'code' in error ? error.code : error.message }));
    asked.end();
  });

const reach = async (host = '', port = ''): Promise<unknown> =>
  new Promise((done) => {
    const socket = connect({ host, port: Number(port), timeout: 1500 }, () => {
      done('connected');
      socket.destroy();
    });
    socket.on('timeout', () => {
      done('silence');
      socket.destroy();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => done(error.code));
  });

const actions: Readonly<Record<string, (...words: readonly string[]) => Promise<unknown>>> = {
  resolve,
  get,
  connect: reach,
};
console.log(JSON.stringify(await actions[what]?.(...operands)));

import { run } from '../../lab/process.ts';

/**
 * Evaluates a module inside a network namespace and returns what it prints, read as JSON. `source` may import from `src`
 * by `SRC/…`. `how`: `exec` has a /sys of the namespace, as `ip netns exec` makes one; `enter` keeps the old one.
 */
export async function evaluateInside(namespace: string, how: 'exec' | 'enter', source: string): Promise<unknown> {
  const resolved = source.replaceAll("'SRC/", `'${new URL('../../src/', import.meta.url).href}`);
  const node = [process.execPath, '--input-type=module', '-e', resolved];
  const printed = await (how === 'exec'
    ? run('ip', ['netns', 'exec', namespace, ...node])
    : run('nsenter', [`--net=/run/netns/${namespace}`, ...node]));
  return JSON.parse(printed);
}

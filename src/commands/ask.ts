import { callControl, type ControlCall } from '../adapters/control/client.ts';
import type { Invocation } from './command.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import { json, paintFor, type Paint } from './text/printable.ts';

/**
 * Asks the daemon, and shows its answer: as it came with `--json`, else as `render` writes it.
 *
 * The answer's shape is the daemon's word. It may be older than this command, by what was added since: see `completed`.
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- what the daemon answers is named by the caller
export async function showAnswer<Answer>(
  { socketPath, json: asJson, io }: Invocation,
  call: ControlCall,
  render: (answer: Answer, paint: Paint) => string,
): Promise<ExitCode> {
  const answer = await callControl(socketPath, call);
  io.out(asJson ? json(answer) : `${render(answer as Answer, paintFor(io))}\n`);
  return exitCodes.ok;
}

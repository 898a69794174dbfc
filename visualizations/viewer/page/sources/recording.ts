import { Unpacker } from '../../../../src/adapters/viewer/packed-trace.codec.ts';
import type { TraceItem } from '../../../../src/model/trace.ts';

/** No longer than this at a time, so that the page answers while it loads. */
const sliceMs = 20;

/** Hands on the items of a recording, in slices; resolves after the last. */
export async function readRecording(packed: string, onItem: (item: TraceItem) => void): Promise<void> {
  const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
  const lines = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  const unpacker = new Unpacker();
  const decoder = new TextDecoder();
  const reader = lines.getReader();
  let rest = '';
  let sliceEnd = performance.now() + sliceMs;
  for (;;) {
    const { done, value } = await reader.read();
    rest += decoder.decode(value, { stream: !done });
    const whole = rest.split('\n');
    rest = whole.pop() ?? '';
    for (const line of whole) {
      onItem(unpacker.unpack(line));
      if (performance.now() < sliceEnd) continue;
      await new Promise((resolve) => setTimeout(resolve));
      sliceEnd = performance.now() + sliceMs;
    }
    if (done) return;
  }
}

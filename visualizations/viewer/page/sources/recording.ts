import { Unpacker } from '../../../../src/adapters/viewer/packed-trace.codec.ts';
import type { TraceItem } from '../../../../src/model/trace.ts';

/** No longer than this at a time, so that the page answers while it loads. */
const sliceMs = 20;

/** Hands on the items of a recording, in slices; resolves after the last. */
export async function readRecording(packed: string, onItem: (item: TraceItem) => void): Promise<void> {
  const lines = bytesOf(packed).pipeThrough(new DecompressionStream('gzip'));
  const unpacker = new Unpacker();
  const decoder = new TextDecoder();
  // The page itself is drawn first.
  await new Promise((resolve) => setTimeout(resolve));
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

/** Four characters are three bytes: a piece of them can be read without the rest. */
const pieceLength = 4 * 8192;

function bytesOf(base64: string): ReadableStream<Uint8Array<ArrayBuffer>> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      const binary = atob(base64.slice(at, at + pieceLength));
      const bytes = new Uint8Array(binary.length);
      for (let index = 0; index < binary.length; index++) bytes[index] = binary.charCodeAt(index);
      controller.enqueue(bytes);
      at += pieceLength;
      if (at >= base64.length) controller.close();
    },
  });
}

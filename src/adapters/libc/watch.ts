/** What is waited for. */
export interface WatchedEvents {
  readonly readable?: boolean;
  readonly writable?: boolean;
}

/**
 * Watches a descriptor in Node's event loop. `onReady` is called with 0 when it is ready, or with a negative errno
 * when the loop stopped watching: an error stands on the socket (a netlink socket that overflowed says EBADF, -9);
 * read it off, then call `restart`. It is called from a turn of the loop of its own (promises and exceptions work as
 * everywhere), at most once a turn, and again as long as the descriptor stays ready.
 */
export type Watch = (fd: number, events: WatchedEvents, onReady: (status: number) => void) => Watcher;

export interface Watcher {
  /** Watches on, after `onReady` was called with an error. */
  restart(): void;
  /** Ends it; before the descriptor is closed. */
  close(): void;
  /** Whether it keeps the process alive: at first it does. */
  ref(): void;
  unref(): void;
}

/** koffi calls back with the status and the events; its declarations leave out the status. */
type PollCallback = (...values: readonly unknown[]) => void;

/** What is used of koffi.node: uv_poll. */
export interface PollBinding {
  poll(fd: number, events: WatchedEvents, callback: PollCallback): PollHandle;
}

interface PollHandle {
  start(events: WatchedEvents, callback: PollCallback): void;
  close(): void;
  ref(): void;
  unref(): void;
}

// A handle that nobody holds is collected, and its watcher ends without a word.
const living = new Set<PollHandle>();

/** `Watch` over koffi's binding of uv_poll. */
export const watcherOf =
  (binding: PollBinding): Watch =>
  (fd, events, onReady) => {
    let isClosed = false;
    let pending: number | undefined;
    // koffi swallows what is thrown here, and promises do not run until later: only hand it over.
    const onPoll: PollCallback = (value) => {
      const status = typeof value === 'number' ? value : 0;
      if (pending !== undefined) {
        pending = Math.min(pending, status);
        return;
      }
      pending = status;
      setImmediate(() => {
        const worst = pending ?? 0;
        pending = undefined;
        if (!isClosed) onReady(worst);
      });
    };
    const handle = binding.poll(fd, events, onPoll);
    living.add(handle);
    return {
      restart: () => {
        if (!isClosed) handle.start(events, onPoll);
      },
      close: () => {
        if (isClosed) return;
        isClosed = true;
        living.delete(handle);
        handle.close();
      },
      ref: () => {
        handle.ref();
      },
      unref: () => {
        handle.unref();
      },
    };
  };

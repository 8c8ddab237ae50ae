import { failureOf } from './failure.js';
import type { Answer, Call, Methods } from './protocol.js';

/** What a method may do while it works. */
export interface Turn<Tells> {
  readonly signal: AbortSignal;
  tell(news: Tells): void;
}

/** A worker's side of its methods. */
export type Handlers<M extends Methods<M>> = {
  readonly [K in keyof M]: (
    takes: M[K]['takes'],
    turn: Turn<M[K]['tells']>,
  ) => M[K]['gives'] | Promise<M[K]['gives']>;
};

/** What we use of a worker's global scope; the types of pages have another one. */
interface WorkerScope {
  postMessage(message: Answer, transfer: Transferable[]): void;
  addEventListener(type: 'message', listener: (event: MessageEvent<Call>) => void): void;
}

/**
 * Answers the page's calls. They run side by side where they wait.
 *
 * @param transfers - buffers of a result that are handed over, not copied
 */
export function serve<M extends Methods<M>>(
  handlers: Handlers<M>,
  transfers: (gives: unknown) => Transferable[] = () => [],
): void {
  const scope = globalThis as unknown as WorkerScope; // this file runs in workers only
  const running = new Map<number, AbortController>();
  const post = (answer: Answer, transfer: Transferable[] = []): void => scope.postMessage(answer, transfer);
  scope.addEventListener('message', async ({ data }) => {
    const { id } = data;
    if (data.kind === 'cancel') {
      running.get(id)?.abort();
      return;
    }
    const controller = new AbortController();
    running.set(id, controller);
    const turn = { signal: controller.signal, tell: (tells: unknown) => post({ kind: 'tells', id, tells }) };
    try {
      if (!Object.hasOwn(handlers, data.method))
        throw new Error(`The worker has no method "${data.method}".`);
      const handler = handlers[data.method as keyof M]; // it was looked for just now
      const gives = await handler(data.takes, turn);
      post({ kind: 'gives', id, gives }, transfers(gives));
    } catch (error) {
      post({ kind: 'fails', id, failure: failureOf(error) });
    } finally {
      running.delete(id);
    }
  });
  void sayReady(post);
}

/**
 * Takes a lock that nobody but the end of this worker gives back: the page waits for it, and learns that the worker has died
 * however it came about. No event tells that of a worker that ran out of memory, or closed itself.
 */
async function sayReady(post: (answer: Answer) => void): Promise<void> {
  const locks: LockManager | undefined = navigator.locks; // in pages that are served safely
  if (locks === undefined) return post({ kind: 'ready', life: null });
  const life = `worker ${crypto.randomUUID()}`;
  await locks.request(life, () => {
    post({ kind: 'ready', life });
    return new Promise(() => {});
  });
}

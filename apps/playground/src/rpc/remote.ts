import type { Answer, Call, Failure, Methods } from './protocol.js';

/** A worker's failure, thrown where it was asked. */
export class RemoteError extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.what);
    this.name = 'RemoteError';
    this.failure = failure;
  }
}

/** How a call is made. */
export interface CallOptions<Tells> {
  readonly signal?: AbortSignal;
  /** Ms after which the worker is ended. */
  readonly timeLimit?: number;
  onNews?(news: Tells): void;
}

interface Waiting {
  resolve(gives: unknown): void;
  reject(error: RemoteError): void;
  onNews(news: unknown): void;
}

/** How long a worker may take to stop when it is asked to, in ms. Then it is ended. */
const GRACE_MS = 1500;

const DEAD: Failure = {
  what: 'The worker ended unexpectedly: the browser may have run out of memory.',
  fix: 'What you had is still here. Try again, or with a smaller model.',
};

/** The page's side of a worker. It is started at the first call, and again after it has ended. */
export class Remote<M extends Methods<M>> {
  readonly #start: () => Worker;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | null = null;
  #last = 0;

  constructor(start: () => Worker) {
    this.#start = start;
  }

  /** Whether there is a worker, with what it holds. */
  get isRunning(): boolean {
    return this.#worker !== null;
  }

  /** @throws {RemoteError} with what the worker says, or that it has ended */
  call<K extends keyof M & string>(
    method: K,
    takes: M[K]['takes'],
    options: CallOptions<M[K]['tells']> = {},
  ): Promise<M[K]['gives']> {
    const { signal, timeLimit, onNews } = options;
    const worker = this.#ready();
    const id = ++this.#last;
    const timers: ReturnType<typeof setTimeout>[] = [];
    const cancel = (): void => {
      worker.postMessage({ kind: 'cancel', id } satisfies Call);
      timers.push(setTimeout(() => this.end({ what: 'The run was cancelled.', code: 'ABORTED' }), GRACE_MS));
    };
    if (timeLimit !== undefined) {
      const failure = {
        what: `It did not end within ${timeLimit / 1000} s, and was stopped.`,
        fix: 'Look for a loop that never ends.',
        code: 'TIME',
      };
      timers.push(setTimeout(() => this.end(failure), timeLimit));
    }
    signal?.addEventListener('abort', cancel);
    return new Promise<M[K]['gives']>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject, onNews: (news) => onNews?.(news) });
      worker.postMessage({ kind: 'call', id, method, takes } satisfies Call);
    }).finally(() => {
      signal?.removeEventListener('abort', cancel);
      for (const timer of timers) clearTimeout(timer);
    });
  }

  /** Ends the worker, wherever it is. Who waits for it is told why. */
  end(failure: Failure = DEAD): void {
    this.#worker?.terminate();
    this.#worker = null;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(new RemoteError(failure));
  }

  #ready(): Worker {
    if (this.#worker !== null) return this.#worker;
    const worker = this.#start();
    worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      if (data.kind === 'ready') void this.#watch(worker, data.life);
      else this.#hear(data);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      this.end(event.message ? { ...DEAD, where: event.message } : DEAD);
    };
    worker.onmessageerror = () => this.end();
    this.#worker = worker;
    return worker;
  }

  /** Waits for the end of a worker that nobody ended. */
  async #watch(worker: Worker, life: string | null): Promise<void> {
    if (life === null) return;
    await navigator.locks.request(life, () => {});
    if (this.#worker === worker) this.end();
  }

  #hear(answer: Exclude<Answer, { readonly kind: 'ready' }>): void {
    const waiting = this.#waiting.get(answer.id);
    if (waiting === undefined) return;
    if (answer.kind === 'tells') {
      waiting.onNews(answer.tells);
      return;
    }
    this.#waiting.delete(answer.id);
    if (answer.kind === 'gives') waiting.resolve(answer.gives);
    else waiting.reject(new RemoteError(answer.failure));
  }
}

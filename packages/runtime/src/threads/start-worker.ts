import { workerSource } from './worker-source.js';

/** A worker of a page or of Node. */
export interface PoolWorker {
  post(message: unknown): void;
  /** Ends it, wherever it is. */
  terminate(): void;
}

/** What is heard of a worker. */
export interface WorkerEvents {
  onMessage(message: unknown): void;
  /** It failed, or ended by itself. */
  onFailure(reason: string): void;
}

/** What we use of node:worker_threads. */
interface NodeThreads {
  readonly Worker: new (source: string, options: object) => NodeWorker;
}

interface NodeWorker {
  postMessage(message: unknown): void;
  terminate(): Promise<number>;
  unref(): void;
  on(event: 'message' | 'error' | 'exit', listener: (value: unknown) => void): void;
}

/**
 * Starts a worker on our own source text. By hand: libraries for pools pass messages, 17 to 70 microseconds there and
 * back in Node 20, where a small layer takes twenty in all.
 */
export function startWorker(events: WorkerEvents): PoolWorker {
  const threads = nodeThreads();
  return threads === null ? startInPage(events) : startInNode(threads, events);
}

/** Null in pages. No import: bundlers for pages would look for the module. */
function nodeThreads(): NodeThreads | null {
  const process: unknown = Reflect.get(globalThis, 'process');
  const getBuiltinModule: unknown =
    typeof process === 'object' && process !== null ? Reflect.get(process, 'getBuiltinModule') : undefined;
  if (typeof getBuiltinModule !== 'function') return null;
  // Node's own function, and the module of that name.
  const threads = getBuiltinModule.call(process, 'node:worker_threads') as NodeThreads;
  // A Worker of a page is another one. In Node there is none, or Node's: onnxruntime-web makes that a global.
  const found: unknown = Reflect.get(globalThis, 'Worker');
  return found === undefined || found === threads.Worker ? threads : null;
}

function startInNode(threads: NodeThreads, events: WorkerEvents): PoolWorker {
  const worker = new threads.Worker(workerSource, { eval: true, execArgv: [] });
  let ended = false;
  worker.on('message', events.onMessage);
  worker.on('error', (error) => events.onFailure(String(error)));
  worker.on('exit', () => {
    if (!ended) events.onFailure('it ended by itself');
  });
  // A program that has nothing else to do may end. Last: a listener for messages would undo it.
  worker.unref();
  return {
    post: (message) => worker.postMessage(message),
    terminate() {
      ended = true;
      void worker.terminate();
    },
  };
}

function startInPage(events: WorkerEvents): PoolWorker {
  const url = URL.createObjectURL(new Blob([workerSource], { type: 'text/javascript' }));
  const worker = new Worker(url, { name: 'espalier' });
  worker.onmessage = ({ data }) => {
    URL.revokeObjectURL(url);
    events.onMessage(data);
  };
  worker.onmessageerror = () => events.onFailure('it could not read a message');
  worker.onerror = ({ message }) => {
    // What a content security policy stops has no message.
    events.onFailure(message || 'it could not start; a content security policy needs worker-src blob:');
  };
  return { post: (message) => worker.postMessage(message), terminate: () => worker.terminate() };
}

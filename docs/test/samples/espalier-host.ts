import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { docs, root } from '../../src/repository.js';

/** What was printed, and the exit code. */
export interface Printed {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process that runs the command for all samples. */
export interface EspalierHost {
  run(args: readonly string[], folder: string): Promise<Printed>;
  stop(): void;
}

/** Starts it; it does one request after the other. */
export async function startEspalier(): Promise<EspalierHost> {
  const child = fork(join(docs, 'test/samples/espalier-host.mjs'), [join(root, 'apps/cli/dist/main.js')], {
    execArgv: [],
  });
  await once(child, 'message');
  const waiting = new Map<number, (printed: Printed) => void>();
  let next = 0;
  child.on('message', (message) => {
    const { id, ...printed } = message as Printed & { readonly id: number }; // espalier-host.mjs sends nothing else
    waiting.get(id)?.(printed);
    waiting.delete(id);
  });
  child.on('exit', (code) => {
    for (const done of waiting.values()) done({ code: code ?? 1, stdout: '', stderr: 'espalier ended' });
  });
  return {
    run: (args, folder) =>
      new Promise((done) => {
        waiting.set(next, done);
        child.send({ id: next++, args, folder });
      }),
    stop: () => child.kill(),
  };
}

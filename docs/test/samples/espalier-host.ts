import { type ChildProcess, fork } from 'node:child_process';
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

/** Starts it; it answers one request after the other. */
export async function startEspalier(): Promise<EspalierHost> {
  const child = fork(join(docs, 'test/samples/espalier-host.mjs'), [join(root, 'apps/cli/dist/main.js')], {
    execArgv: [],
  });
  await answer<string>(child);
  return {
    run(args, folder) {
      child.send({ args, folder });
      return answer<Printed>(child);
    },
    stop: () => child.kill(),
  };
}

function answer<T>(child: ChildProcess): Promise<T> {
  return new Promise((done, fail) => {
    const ended = (code: number | null): void => fail(new Error(`espalier ended with ${code}`));
    child.once('exit', ended);
    child.once('message', (message) => {
      child.off('exit', ended);
      done(message as T); // espalier-host.mjs sends nothing else
    });
  });
}

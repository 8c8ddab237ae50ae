import { packageVersion } from '../hosts/versions.js';
import type { Training, TrainingEngine } from './engines/engine.js';
import { startEspalier } from './engines/espalier.js';
import type { Task } from './task.js';

/** One engine, and on how many threads. */
export interface Contestant {
  readonly engine: TrainingEngine;
  readonly version: string;
  readonly threads: number;
  /** Takes part only where this one can't. */
  readonly insteadOf?: TrainingEngine;
}

/**
 * Who trains: ours on one thread, and on more where asked for; others that are installed.
 *
 * @param version - of ours
 */
export function contestants(
  { peers, threads }: { readonly peers: boolean; readonly threads: number },
  version: string,
  say: (line: string) => void,
): readonly Contestant[] {
  const ours = [...new Set([1, threads])].map(
    (count) => ({ engine: 'espalier', version, threads: count }) as const,
  );
  const packages = [
    ['jax-js', '@jax-js/jax'],
    ['tfjs-wasm', '@tensorflow/tfjs-backend-wasm'],
    ['tfjs-cpu', '@tensorflow/tfjs'],
  ] as const;
  const others = packages.flatMap(([engine, name]) => {
    const installed = peers ? packageVersion(name) : null;
    if (peers && installed === null) say(`${name} is not installed: left out.`);
    const insteadOf = engine === 'tfjs-cpu' ? ({ insteadOf: 'tfjs-wasm' } as const) : {};
    return installed === null ? [] : [{ engine, version: installed, threads: 1, ...insteadOf }];
  });
  return [...ours, ...others];
}

/** Peers are loaded only where they take part. */
export async function start({ engine, threads }: Contestant, task: Task): Promise<Training> {
  switch (engine) {
    case 'espalier':
      return startEspalier(task, threads);
    case 'jax-js':
      return (await import('./engines/jax-js.js')).startJaxJs(task);
    case 'tfjs-wasm':
      return (await import('./engines/tfjs.js')).startTfjs(task, 'wasm');
    case 'tfjs-cpu':
      return (await import('./engines/tfjs.js')).startTfjs(task, 'cpu');
  }
}

import type { EngineName } from '../engines/engine.js';
import type { FileName } from '../models/model-set.js';

export type NumberType = 'float32' | 'int8';

/** One engine on one of its files. */
export interface Contestant {
  readonly engine: EngineName;
  readonly type: NumberType;
  readonly file: FileName;
  readonly threads: number;
}

const onnxFiles: readonly FileName[] = ['float32.onnx', 'uint8.onnx', 'int8.onnx'];
const tfliteFiles: readonly FileName[] = ['float32.tflite', 'int8.tflite'];

const filesOf: Readonly<Record<EngineName, readonly FileName[]>> = {
  espalier: ['float32.espalier', 'int8.espalier'],
  'espalier-fast': ['float32.espalier'],
  'onnxruntime-web': onnxFiles,
  'onnxruntime-node': onnxFiles,
  litert: tfliteFiles,
  'litert-compat': tfliteFiles,
};

/** How many threads engines run on. */
export interface ThreadCounts {
  /** Ours runs on one thread, and on so many. */
  readonly threads: number;
  readonly peerThreads: number;
}

export function contestants(
  engines: Iterable<EngineName>,
  { threads, peerThreads }: ThreadCounts,
): readonly Contestant[] {
  const ours = [...new Set([1, threads])];
  return Array.from(engines).flatMap((engine) =>
    filesOf[engine].flatMap((file) =>
      (engine === 'espalier' ? ours : [engine === 'espalier-fast' ? 1 : peerThreads]).map((count) => ({
        engine,
        type: file.startsWith('float32') ? ('float32' as const) : ('int8' as const),
        file,
        threads: count,
      })),
    ),
  );
}

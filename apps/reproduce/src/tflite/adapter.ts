import { EspalierError, Tensor } from '@espalier/core';
import { InferenceSession } from '@espalier/runtime';
import { tfliteFormat } from '@espalier/tflite';

/** A tensor as `shared/conformance/tflite/run.mjs` has it. */
interface Plain {
  readonly dims: readonly number[];
  readonly type: string;
  readonly data: unknown;
}

interface Loaded {
  run(inputs: Readonly<Record<string, Plain>>): Promise<Readonly<Record<string, Plain>>>;
  dispose(): Promise<void>;
}

/**
 * A model for the runner of the goldens: `node run.mjs --adapter …/dist/tflite/adapter.js`.
 *
 * @param options.rule - `single` is what LiteRT computes, `double` what TensorFlow Lite Micro does
 */
export async function load(bytes: Uint8Array, options: { readonly rule: string }): Promise<Loaded> {
  const requantization = options.rule === 'double' ? 'tflite-double' : 'tflite';
  const session = await InferenceSession.create(bytes, { formats: [tfliteFormat], requantization }).catch(
    asRefusal,
  );
  return {
    async run(inputs) {
      // Some of the files have no names: order tells then.
      const feeds = Object.entries(inputs).map(([name, { type, data, dims }], index) => {
        const known = session.inputNames.includes(name) ? name : (session.inputNames[index] ?? name);
        return [known, new Tensor(type as 'int8', data as Int8Array, dims)] as const; // the runner's types are ours
      });
      return session.run(Object.fromEntries(feeds));
    },
    async dispose() {
      await session.release();
    },
  };
}

/** Says in the runner's words what is not supported. */
function asRefusal(error: unknown): never {
  if (error instanceof EspalierError && error.code === 'UNSUPPORTED')
    Object.assign(error, { unsupported: true });
  throw error;
}

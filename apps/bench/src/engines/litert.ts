import type { EdgeGrid, Engine, LoadRequest } from './engine.js';
import type { LiteRt, LiteRtTensor } from './litert-bindings.js';

/** LiteRtElementType of int8; all else here is float32. */
const INT8 = 9;

/**
 * LiteRT by the bindings under its JavaScript: the public tensor classes refuse int8 at the edge of a
 * model, and this way is the shorter one for float32 too.
 */
export function liteRtEngine({ wasm, environment }: LiteRt, threads: number): Engine {
  const { READ, WRITE } = wasm.LiteRtTensorBufferLockMode;
  const native = environment.liteRtEnvironment;

  /** Copies bytes into a tensor, or out of it. */
  function access<T>(tensor: LiteRtTensor, mode: unknown, use: (address: number) => T): T {
    const result = use(tensor.lock(mode));
    tensor.unlock();
    return result;
  }

  return {
    async load(request: LoadRequest) {
      const address = wasm._malloc(request.file.length);
      wasm.HEAPU8.set(request.file, address);
      const model = wasm.loadModel(native, address, request.file.length);
      const compiled = await wasm.compileModel(native, model, {
        environment,
        accelerator: 'wasm',
        cpuOptions: { numThreads: threads },
        gpuOptions: {},
        webNNOptions: {},
      });
      const inputType = model.getInputTensorType(0, 0);
      const outputType = model.getOutputTensorType(0, 0);
      const isInteger = inputType.elementType().value === INT8;
      const place = wasm.LiteRtTensorBufferType.HOST_MEMORY;
      const input = wasm.LiteRtTensorBuffer.createManaged(native, place, inputType, inputType.bytes());
      const bytes = inputBytes(request, isInteger);
      access(input, WRITE, (at) => wasm.HEAPU8.set(bytes, at));
      return {
        async run() {
          for (const tensor of await compiled.run(0, [input])) tensor.delete();
        },
        async answer() {
          const [output] = await compiled.run(0, [input]);
          if (output === undefined) return new Float32Array(0);
          const raw = access(output, READ, (at) => wasm.HEAPU8.slice(at, at + outputType.bytes()));
          output.delete();
          return isInteger
            ? reals(new Int8Array(raw.buffer), request.grids?.output)
            : new Float32Array(raw.buffer);
        },
        async release() {
          input.delete();
          compiled.delete();
          model.delete();
          wasm._free(address);
        },
      };
    },
  };
}

/** The input in NHWC, as the model's type. */
function inputBytes({ input, dims, grids }: LoadRequest, isInteger: boolean): Uint8Array {
  const [, channels = 1] = dims;
  const size = input.length / channels;
  const ordered = new Float32Array(input.length);
  for (let c = 0; c < channels; c++) {
    for (let i = 0; i < size; i++) ordered[i * channels + c] = input[c * size + i] as number; // in range
  }
  if (!isInteger) return new Uint8Array(ordered.buffer);
  const { scale, zeroPoint } = grids?.input ?? { scale: 1, zeroPoint: 0 };
  const codes = Int8Array.from(ordered, (x) =>
    Math.min(127, Math.max(-128, Math.round(x / scale) + zeroPoint)),
  );
  return new Uint8Array(codes.buffer);
}

function reals(codes: Int8Array, { scale, zeroPoint }: EdgeGrid = { scale: 1, zeroPoint: 0 }): Float32Array {
  return Float32Array.from(codes, (code) => scale * (code - zeroPoint));
}

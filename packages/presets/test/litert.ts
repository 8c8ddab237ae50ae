import { createRequire } from 'node:module';
import { startLiteRtBindings } from '@espalier/config/litert';
import type { Tensor } from '@espalier/core';
import { type DataType, fromBytes, toBytes } from '@espalier/core';

// The WASM bindings under @litertjs/core 2.5, as far as they are used here: they have no published types.

interface TensorType {
  bytes(): number;
}

interface NativeTensor {
  lock(mode: unknown): number;
  unlock(): void;
  delete(): void;
}

interface NativeModel {
  getInputTensorType(signature: number, index: number): TensorType;
  getOutputTensorType(signature: number, index: number): TensorType;
  delete(): void;
}

interface CompiledModel {
  run(signature: number, inputs: readonly NativeTensor[]): Promise<readonly NativeTensor[]>;
  delete(): void;
}

interface Wasm {
  readonly HEAPU8: Uint8Array;
  _malloc(bytes: number): number;
  _free(address: number): void;
  loadModel(environment: unknown, address: number, bytes: number): NativeModel;
  compileModel(environment: unknown, model: NativeModel, options: object): Promise<CompiledModel>;
  readonly LiteRtEnvironment: { create(options: null): unknown };
  readonly LiteRtTensorBuffer: {
    createManaged(environment: unknown, place: unknown, type: TensorType, bytes: number): NativeTensor;
  };
  readonly LiteRtTensorBufferType: { readonly HOST_MEMORY: unknown };
  readonly LiteRtTensorBufferLockMode: { readonly READ: unknown; readonly WRITE: unknown };
}

/** A model that LiteRT has loaded. */
export interface LiteRtModel {
  /** @param types - of the outputs */
  run(inputs: readonly Tensor[], types: readonly DataType[]): Promise<readonly ArrayLike<number | bigint>[]>;
  release(): void;
}

/** LiteRT in Node. */
export async function startLiteRt(): Promise<{ load(file: Uint8Array): Promise<LiteRtModel> }> {
  const messages: string[] = [];
  const main = createRequire(import.meta.url).resolve('@litertjs/core');
  const wasm = (await startLiteRtBindings(main, (text) => messages.push(text))) as Wasm; // what its version has
  const native = wasm.LiteRtEnvironment.create(null);
  return { load: (file) => load(wasm, native, file, messages) };
}

async function load(wasm: Wasm, native: unknown, file: Uint8Array, messages: string[]): Promise<LiteRtModel> {
  const { READ, WRITE } = wasm.LiteRtTensorBufferLockMode;
  const address = wasm._malloc(file.length);
  wasm.HEAPU8.set(file, address);
  const told = async <T>(what: () => Promise<T> | T): Promise<T> => {
    try {
      return await what();
    } catch (error) {
      throw new Error(`LiteRT refuses the file: ${messages.splice(0).join(' ')}`, { cause: error });
    }
  };
  const model = await told(() => wasm.loadModel(native, address, file.length));
  const compiled = await told(() =>
    wasm.compileModel(native, model, {
      environment: { liteRtEnvironment: native },
      accelerator: 'wasm',
      cpuOptions: { numThreads: 1 },
      gpuOptions: {},
      webNNOptions: {},
    }),
  );
  return {
    async run(inputs, types) {
      const place = wasm.LiteRtTensorBufferType.HOST_MEMORY;
      const fed = inputs.map((tensor, index) => {
        const type = model.getInputTensorType(0, index);
        const bytes = toBytes(tensor.data);
        if (bytes.length !== type.bytes()) {
          throw new Error(`Input ${index} takes ${type.bytes()} bytes, not ${bytes.length}.`);
        }
        const buffer = wasm.LiteRtTensorBuffer.createManaged(native, place, type, bytes.length);
        wasm.HEAPU8.set(bytes, buffer.lock(WRITE));
        buffer.unlock();
        return buffer;
      });
      const results = await told(() => compiled.run(0, fed));
      for (const buffer of fed) buffer.delete();
      return results.map((buffer, index) => {
        const at = buffer.lock(READ);
        const bytes = wasm.HEAPU8.slice(at, at + model.getOutputTensorType(0, index).bytes());
        buffer.unlock();
        buffer.delete();
        return fromBytes(types[index] ?? 'float32', bytes);
      });
    },
    release() {
      compiled.delete();
      model.delete();
      wasm._free(address);
    },
  };
}

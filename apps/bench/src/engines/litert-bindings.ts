// The WASM bindings under @litertjs/core 2.5, as far as they are used here: they have no published types.

export interface LiteRtTensorType {
  elementType(): { readonly value: number };
  bytes(): number;
}

export interface LiteRtTensor {
  /** Address of the data in the module's memory. */
  lock(mode: unknown): number;
  unlock(): void;
  delete(): void;
}

export interface LiteRtModel {
  getInputTensorType(signature: number, index: number): LiteRtTensorType;
  getOutputTensorType(signature: number, index: number): LiteRtTensorType;
  delete(): void;
}

export interface LiteRtCompiledModel {
  run(
    signature: number,
    inputs: readonly LiteRtTensor[],
  ): readonly LiteRtTensor[] | Promise<readonly LiteRtTensor[]>;
  isFullyAccelerated(): boolean;
  delete(): void;
}

export interface LiteRtWasm {
  readonly HEAPU8: Uint8Array;
  _malloc(bytes: number): number;
  _free(address: number): void;
  loadModel(environment: unknown, address: number, bytes: number): LiteRtModel;
  compileModel(
    environment: unknown,
    model: LiteRtModel,
    options: object,
  ): LiteRtCompiledModel | Promise<LiteRtCompiledModel>;
  readonly LiteRtTensorBuffer: {
    createManaged(environment: unknown, place: unknown, type: LiteRtTensorType, bytes: number): LiteRtTensor;
  };
  readonly LiteRtTensorBufferType: { readonly HOST_MEMORY: unknown };
  readonly LiteRtTensorBufferLockMode: { readonly READ: unknown; readonly WRITE: unknown };
}

/** A started module, and the environment that its JavaScript made. */
export interface LiteRt {
  readonly wasm: LiteRtWasm;
  readonly environment: { readonly liteRtEnvironment: unknown };
}

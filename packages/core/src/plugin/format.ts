import type { Model } from '../ir/model.js';
import type { OperatorKernel } from './operator-kernel.js';

/** What a format may ask for beside the file's own bytes. */
export interface ReadOptions {
  /** For messages: the file's name. */
  readonly name?: string;
  /** Reads a file beside the model (ONNX external data). `location` is relative and checked. */
  readonly readBeside?: (location: string) => Promise<Uint8Array>;
  /** Operators beside the format's own that are known: what else a file has is refused by name. */
  readonly operatorKernels?: readonly OperatorKernel[];
}

/** How a model is written, where the format leaves a choice. */
export interface WriteOptions {
  /**
   * Quantization in ONNX: pairs of QuantizeLinear and DequantizeLinear around float operators, or operators on
   * codes. Other formats have one way.
   */
  readonly quantized?: 'qdq' | 'qoperator';
}

/** A model file format. Plugins contribute these through the FORMAT token. */
export interface Format {
  /** `onnx`, `espalier`. */
  readonly name: string;
  /** With the dot: `.onnx`. */
  readonly extensions: readonly string[];
  /** Whether the first bytes look like this format. */
  detect(bytes: Uint8Array): boolean;
  /** @throws {FormatError} when the bytes are damaged; {UnsupportedError} for what it can't hold */
  read(bytes: Uint8Array, options?: ReadOptions): Promise<Model> | Model;
  /** Absent where the format can only be read. */
  write?(model: Model, options?: WriteOptions): Uint8Array;
  /** Length of what `write` gives, without making it. */
  measure?(model: Model): number;
}

import { bytesPerElement, type DataType, fromBytes, toBytes } from '../tensor/data-type.js';
import { elementCount, Tensor } from '../tensor/tensor.js';
import { type Encoding, type EncodingKind, encodingError } from './encoding.js';

const empty = new Uint8Array();

/** Elements as they are, little-endian. The leaf every tree starts from. */
export class DenseEncoding implements Encoding {
  readonly kind: string = 'dense';
  readonly children: Encoding['children'] = {};
  readonly tensor: Tensor;

  constructor(tensor: Tensor) {
    this.tensor = tensor;
  }

  get type(): DataType {
    return this.tensor.type;
  }

  get dims(): readonly number[] {
    return this.tensor.dims;
  }

  get byteLength(): number {
    return this.tensor.data.byteLength;
  }

  decode(): Tensor {
    return this.tensor;
  }

  withChildren(): Encoding {
    return this;
  }

  params(): Uint8Array {
    return empty;
  }

  payload(): Uint8Array {
    return toBytes(this.tensor.data);
  }
}

/** A tensor as a leaf. */
export function dense(tensor: Tensor): DenseEncoding {
  return new DenseEncoding(tensor);
}

export const denseKind: EncodingKind = {
  kind: 'dense',
  read(source) {
    const { type, dims, payload } = source;
    const wanted = elementCount(dims) * bytesPerElement(type);
    if (payload.length !== wanted) {
      throw encodingError(
        source,
        `${type} of shape [${dims.join(', ')}] takes ${wanted} bytes, ${payload.length} are there`,
      );
    }
    return dense(new Tensor(type, fromBytes(type, payload), dims));
  },
};

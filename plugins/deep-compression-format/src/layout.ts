import { elementCount, FormatError } from '@espalier/core';

/** Values of a codebook: codes are bytes. */
export const CENTROIDS = 256;
const FLOAT_BYTES = 4;

/** What the network's definition says of a layer. */
export interface LayerShape {
  readonly name: string;
  /** [out, in, ky, kx] */
  readonly dims: readonly number[];
}

/** Where the parts of a layer stand in a file, in bytes from its start. */
export interface LayerPlace extends LayerShape {
  readonly entries: number;
  readonly codebook: number;
  readonly bias: number;
  readonly codes: number;
  /** 4 bits for each entry, the low half of a byte first. */
  readonly gaps: number;
  readonly end: number;
}

/** Where the layers of a file stand. The file begins with the number of entries of each, uint32; then come the layers. */
export class Layout {
  readonly layers: readonly LayerPlace[];
  /** Bytes of the whole file. */
  readonly byteLength: number;

  private constructor(layers: readonly LayerPlace[], byteLength: number) {
    this.layers = layers;
    this.byteLength = byteLength;
  }

  /** Null where the bytes are too few for the entry counts, or a layer has more entries than elements. */
  static of(bytes: Uint8Array, shapes: readonly LayerShape[]): Layout | null {
    if (bytes.length < 4 * shapes.length) return null;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const layers: LayerPlace[] = [];
    let at = 4 * shapes.length;
    for (const [i, { name, dims }] of shapes.entries()) {
      const entries = view.getUint32(4 * i, true);
      // An entry stands for an element at least.
      if (entries > elementCount(dims)) return null;
      const bias = at + CENTROIDS * FLOAT_BYTES;
      const codes = bias + (dims[0] ?? 0) * FLOAT_BYTES;
      const gaps = codes + entries;
      const end = gaps + Math.ceil(entries / 2);
      layers.push({ name, dims, entries, codebook: at, bias, codes, gaps, end });
      at = end;
    }
    return new Layout(layers, at);
  }

  /** @throws {FormatError} when the bytes are not as many as their entry counts ask for */
  static require(bytes: Uint8Array, shapes: readonly LayerShape[], file = 'the file'): Layout {
    const layout = Layout.of(bytes, shapes);
    if (layout?.byteLength === bytes.length) return layout;
    throw new FormatError({
      what:
        layout === null
          ? `Its ${bytes.length} bytes do not begin with the entry counts of ${shapes.length} layers.`
          : `It has ${bytes.length} bytes; its entry counts ask for ${layout.byteLength}.`,
      where: file,
      fix: 'Only the SqueezeNet of Deep Compression is known in this format. Get the file again.',
    });
  }
}

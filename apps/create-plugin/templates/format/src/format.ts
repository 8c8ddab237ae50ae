import { type Format, Graph, Model, type ReadOptions, Tensor } from '@espalier/core';
import { damaged, isNpy, type NpyHeader, readHeader } from './npy-header.js';

/**
 * Matrices that `numpy.save` wrote, as a linear layer: `y = x W`, W of shape [inputs, outputs]. So a linear probe, or
 * the `coef_.T` of scikit-learn, can be compressed and run.
 */
export const myIdeaFormat: Format = {
  name: 'my-idea',
  extensions: ['.npy'],
  detect: isNpy,
  read,
};

/** @throws {FormatError} when the bytes are cut, go on, or hold no matrix of floats */
function read(bytes: Uint8Array, { name = 'the file' }: ReadOptions = {}): Model {
  const header = readHeader(bytes, name);
  const { rows, columns, elementBytes, headerBytes } = header;
  const end = headerBytes + rows * columns * elementBytes;
  // Before anything is allocated: a header may claim any shape.
  if (end !== bytes.length)
    throw damaged(name, `its shape asks for ${end} bytes, it has ${bytes.length}`, headerBytes);
  const graph = new Graph('linear');
  const x = graph.addInput('x', { dtype: 'float32', dims: ['N', rows] });
  const weights = graph.constant(new Tensor('float32', elements(bytes, header), [rows, columns]), 'weights');
  const type = { dtype: 'float32', dims: ['N', columns] } as const;
  graph.addOutput(graph.apply({ op: 'MatMul', inputs: [x, weights] }, 'y', type));
  return new Model(graph);
}

/** Row by row, rounded to float32. */
function elements(bytes: Uint8Array, header: NpyHeader): Float32Array {
  const { rows, columns, elementBytes, fortranOrder, headerBytes } = header;
  // The file's bytes may stand anywhere, and typed arrays want them aligned.
  const view = new DataView(bytes.buffer, bytes.byteOffset + headerBytes);
  const out = new Float32Array(rows * columns);
  for (let i = 0; i < out.length; i++) {
    const at = (fortranOrder ? (i % columns) * rows + Math.floor(i / columns) : i) * elementBytes;
    out[i] = elementBytes === 4 ? view.getFloat32(at, true) : view.getFloat64(at, true);
  }
  return out;
}

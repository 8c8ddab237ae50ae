import { codebook, dense, type Encoding, Graph, gapsOf, Model, packed, sparse, Tensor } from '@espalier/core';

/** A stand-in for huffman: a leaf of uint8 symbols with a given number of bytes. */
export function lenet300(leaf: (symbols: Uint8Array) => Encoding): Model {
  const graph = new Graph('main_graph');
  let value = graph.addInput('input', { dtype: 'float32', dims: ['N', 784] });
  const sizes = [784, 300, 100, 10];
  for (let i = 1; i <= 3; i++) {
    const [inputs, outputs] = [sizes[i - 1] ?? 0, sizes[i] ?? 0];
    const count = inputs * outputs;
    const positions: number[] = [];
    for (let p = 0; p < count; p++) if ((p * 2654435761) % 997 < (i === 3 ? 259 : 84)) positions.push(p);
    const gaps = gapsOf(Uint32Array.from(positions), count, 31);
    const indices = Uint8Array.from(positions, (p) => (p * 40503) % 32);
    const centroids = Float32Array.from({ length: 32 }, (_, k) => (k - 16) / 100);
    const weight = sparse(
      leaf(gaps),
      codebook(dense(new Tensor('float32', centroids)), leaf(indices)),
      [outputs, inputs],
      31,
    );
    const bias = new Tensor(
      'float32',
      Float32Array.from({ length: outputs }, (_, k) => Math.sin(k)),
    );
    value = graph.apply(
      {
        op: 'Gemm',
        name: `fc${i}`,
        attributes: { transB: { type: 'int', value: 1 } },
        inputs: [value, graph.constant(weight, `fc${i}.weight`), graph.constant(bias, `fc${i}.bias`)],
      },
      i === 3 ? 'output' : `fc${i}_out`,
      { dtype: 'float32', dims: ['N', outputs] },
    );
    if (i < 3) {
      value = graph.apply({ op: 'Relu', inputs: [value], name: `relu${i}` }, `relu${i}_out`, {
        dtype: 'float32',
        dims: ['N', outputs],
      });
    }
  }
  graph.addOutput(value);
  return new Model(graph, { metadata: [['producer', 'pytorch']] });
}

/** Symbols of 5 bits. */
export function packedLeaf(symbols: Uint8Array): Encoding {
  return packed(new Tensor('uint8', symbols), 5);
}

import { existsSync, readFileSync } from 'node:fs';
import {
  codebook,
  dense,
  elementCount,
  Graph,
  gapsOf,
  int,
  ints,
  Model,
  packed,
  sparse,
  Tensor,
  type Value,
} from '@espalier/core';

const folder = new URL('../../../../../shared/models/squeezenet-deep-compression/', import.meta.url);

interface StoredLayer {
  readonly name: string;
  readonly shape: readonly number[];
  readonly byteOffset: number;
  readonly entries: number;
}

/**
 * SqueezeNet v1.0 as the authors of Deep Compression pruned and shared it, its network around it; null where the file is
 * not there. 1,244,448 weights of which 415,921 are kept, 8-bit codebooks.
 */
export function deepCompressionSqueezeNet(): Model | null {
  if (!existsSync(folder)) return null;
  const file = new Uint8Array(readFileSync(new URL('compressed_SqueezeNet.net', folder)));
  const { layers } = JSON.parse(readFileSync(new URL('expected.json', folder), 'utf8')) as {
    layers: StoredLayer[];
  };
  const graph = new Graph('SqueezeNet');
  const add = (name: string, input: Value, stride: number, pad: number): Value => {
    const layer = layers.find((one) => one.name === name);
    if (layer === undefined) throw new Error(`expected.json has no layer ${name}.`);
    return addConvolution(graph, file, layer, input, stride, pad);
  };
  let value = graph.addInput('data', { dtype: 'float32', dims: ['N', 3, 227, 227] });
  value = addPool(graph, add('conv1', value, 2, 0), 'pool1');
  for (let fire = 2; fire <= 9; fire++) {
    const squeezed = add(`fire${fire}/conv1x1_1`, value, 1, 0);
    const inputs = [
      add(`fire${fire}/conv1x1_2`, squeezed, 1, 0),
      add(`fire${fire}/conv3x3_2`, squeezed, 1, 1),
    ];
    value = graph.apply({ op: 'Concat', inputs, attributes: { axis: int(1) } }, `fire${fire}`);
    if (fire === 4 || fire === 8) value = addPool(graph, value, `pool${fire}`);
  }
  graph.addOutput(
    graph.apply({ op: 'GlobalAveragePool', inputs: [add('conv_final', value, 1, 1)] }, 'scores'),
  );
  return new Model(graph);
}

/** A layer by the layout that the folder's README tells: entries of code 0 only skip. */
function addConvolution(
  graph: Graph,
  file: Uint8Array,
  { name, shape, byteOffset, entries }: StoredLayer,
  input: Value,
  stride: number,
  pad: number,
): Value {
  const channels = shape[0] ?? 0;
  const floats = (at: number, count: number): Tensor<'float32'> =>
    new Tensor('float32', new Float32Array(file.slice(at, at + 4 * count).buffer));
  const codesAt = byteOffset + 4 * (256 + channels);
  const places: number[] = [];
  const codes: number[] = [];
  let place = -1;
  for (let i = 0; i < entries; i++) {
    const code = file[codesAt + i] ?? 0;
    place += (((file[codesAt + entries + (i >> 1)] ?? 0) >> (4 * (i & 1))) & 15) + 1;
    if (code === 0) continue;
    places.push(place);
    codes.push(code);
  }
  const gaps = new Tensor('uint8', gapsOf(Uint32Array.from(places), elementCount(shape), 15));
  const values = codebook(
    dense(floats(byteOffset, 256)),
    packed(new Tensor('uint8', Uint8Array.from(codes)), 8),
  );
  const weight = graph.constant(sparse(packed(gaps, 4), values, shape, 15), `${name}.weight`);
  const bias = graph.constant(floats(byteOffset + 1024, channels), `${name}.bias`);
  const attributes = { strides: ints([stride, stride]), pads: ints([pad, pad, pad, pad]) };
  const sums = graph.apply({ op: 'Conv', name, inputs: [input, weight, bias], attributes }, name);
  return graph.apply({ op: 'Relu', inputs: [sums] }, `${name}.relu`);
}

function addPool(graph: Graph, input: Value, name: string): Value {
  const attributes = { kernel_shape: ints([3, 3]), strides: ints([2, 2]) };
  return graph.apply({ op: 'MaxPool', name, inputs: [input], attributes }, name);
}

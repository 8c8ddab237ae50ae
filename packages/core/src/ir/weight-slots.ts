import type { Node } from './node.js';

/** Which input of a node is a weight, and which of its dimensions are the output channels. */
export interface WeightSlot {
  readonly index: number;
  readonly axis: number | null;
}

type Slots = (node: Node) => readonly WeightSlot[];

function fixed(...slots: readonly WeightSlot[]): Slots {
  return () => slots;
}

function matMulSlots(node: Node): readonly WeightSlot[] {
  const rank = (index: number): number => node.inputs[index]?.constant?.dims.length ?? 0;
  // A product with a constant vector or a batch of matrices has no output channel of its own.
  return [
    { index: 1, axis: rank(1) === 2 ? 1 : null },
    { index: 0, axis: rank(0) === 2 ? 0 : null },
  ];
}

function gemmSlots(node: Node): readonly WeightSlot[] {
  return [
    { index: 1, axis: node.attributes.int('transB', 0) === 1 ? 0 : 1 },
    { index: 0, axis: node.attributes.int('transA', 0) === 1 ? 1 : 0 },
  ];
}

/** ONNX packs the gates of recurrent layers as [directions, gates * hidden, inputs]. */
const recurrent = fixed({ index: 1, axis: 1 }, { index: 2, axis: 1 });

const slots: Readonly<Record<string, Slots>> = {
  Conv: fixed({ index: 1, axis: 0 }),
  ConvTranspose: fixed({ index: 1, axis: 1 }),
  Gemm: gemmSlots,
  MatMul: matMulSlots,
  LSTM: recurrent,
  GRU: recurrent,
  RNN: recurrent,
  Gather: fixed({ index: 0, axis: 0 }),
};

/** The inputs of `node` that are weights where they are constant. */
export function weightSlots(node: Node): readonly WeightSlot[] {
  if (node.domain !== '') return [];
  const all = slots[node.op]?.(node) ?? [];
  // Gather also picks from shapes; only real-valued tables are weights.
  return all.filter(({ index }) => node.inputs[index]?.constant?.type.startsWith('float') ?? false);
}

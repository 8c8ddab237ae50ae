import { type DataType, int, numberOfType } from '@espalier/core';
import { bypass } from '../bypass.js';
import { madeBy } from '../match.js';
import type { Rewrite } from '../rewrite.js';

/** The types that hold every number of a type. */
const wider: Readonly<Partial<Record<DataType, readonly DataType[]>>> = {
  float16: ['float32', 'float64'],
  float32: ['float64'],
  bool: ['uint8', 'int8', 'int16', 'int32', 'int64', 'float16', 'float32', 'float64'],
  int8: ['int16', 'int32', 'int64', 'float16', 'float32', 'float64'],
  uint8: ['int16', 'uint16', 'int32', 'uint32', 'int64', 'uint64', 'float16', 'float32', 'float64'],
  int16: ['int32', 'int64', 'float32', 'float64'],
  uint16: ['int32', 'uint32', 'int64', 'uint64', 'float32', 'float64'],
  int32: ['int64', 'float64'],
  uint32: ['int64', 'uint64', 'float64'],
};

export const mergeCasts: Rewrite = {
  name: 'merge-casts',
  about: 'A Cast to a wider type and back goes.',
  ops: ['Cast'],
  apply(node, { graph }) {
    const source = madeBy(graph, node.inputs[0], 'Cast')?.inputs[0];
    const [from, between] = [source?.type?.dtype, node.inputs[0]?.type?.dtype];
    if (from === undefined || between === undefined || from !== node.outputs[0]?.type?.dtype) return false;
    return (wider[from]?.includes(between) ?? false) && bypass(graph, node, source);
  },
};

export const settleCasts: Rewrite = {
  name: 'settle-casts',
  about: 'CastLike becomes a Cast where the type is known.',
  ops: ['CastLike'],
  apply(node, { graph }) {
    const [input, like] = node.inputs;
    if (input == null || like?.type == null) return false;
    graph.replaceNode(node, {
      op: 'Cast',
      inputs: [input],
      attributes: { to: int(numberOfType(like.type.dtype)) },
    });
    return true;
  },
};

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fromBinary } from '@bufbuild/protobuf';
import { type Graph, inferShapes, type Model, printType, staticDims, type ValueType } from '@espalier/core';
import { describe, expect, test } from 'vitest';
import { TensorProtoSchema } from '../src/gen/onnx_pb.js';
import { readTensor } from '../src/import/tensor-proto.js';
import { readOnnx } from '../src/index.js';

const cases = new URL('../../../../shared/conformance/onnx/', import.meta.url);
const names = existsSync(cases)
  ? readdirSync(cases).filter((name) => existsSync(new URL(`${name}/model.onnx`, cases)))
  : [];
if (names.length === 0) console.warn(`Skipped: ${cases.pathname} is not there.`);

/** Their output shapes depend on the data of their first input. */
const dependsOnData: readonly string[] = ['test_nonzero_example'];

describe.skipIf(names.length === 0)('shape inference over the conformance models', () => {
  test.each(names)('%s: the computed output types are the declared ones', async (name) => {
    const model = await readCase(name);
    const declared = model.graph.outputs.map((value) => value.type);
    forgetTypes(model.graph);
    inferShapes(model);
    for (const [index, value] of model.graph.outputs.entries()) {
      const wanted = declared[index] ?? null;
      if (wanted === null) continue;
      const shown = `${printType(value.type)} for ${printType(wanted)}`;
      expect(agrees(value.type, wanted), shown).toBe(true);
      if (!dependsOnData.includes(name)) expect(staticDims(value.type), shown).not.toBeNull();
    }
  });
});

/** The model with its shapes, axes, scales and such as constants: the form they have in real models. */
async function readCase(name: string): Promise<Model> {
  const folder = new URL(`${name}/`, cases);
  const model = await readOnnx(readFileSync(new URL('model.onnx', folder)));
  for (const [index, input] of model.graph.inputs.entries()) {
    const file = new URL(`test_data_set_0/input_${index}.pb`, folder);
    if ((index === 0 && !/range|constantofshape/.test(name)) || !existsSync(file)) continue;
    const tensor = readTensor(fromBinary(TensorProtoSchema, readFileSync(file)), new Map());
    if (tensor.dims.length <= 1) model.graph.replaceAllUses(input, model.graph.constant(tensor));
  }
  return model;
}

function forgetTypes(graph: Graph): void {
  for (const value of graph.values) {
    if (value.constant === null && !graph.isInput(value)) graph.setType(value, null);
  }
}

/** Equal, but that a dim may have a name in one of them. */
function agrees(computed: ValueType | null, declared: ValueType): boolean {
  if (computed === null || computed.dtype !== declared.dtype) return false;
  if (computed.dims === null || declared.dims === null) return true;
  if (computed.dims.length !== declared.dims.length) return false;
  return computed.dims.every((dim, i) => {
    const wanted = declared.dims?.[i];
    return typeof dim !== 'number' || typeof wanted !== 'number' || dim === wanted;
  });
}

import { InternalError, type Node, Tensor } from '@espalier/core';
import {
  type Argument,
  FILL,
  inMemoryOrder,
  type Layout,
  memoryPlaces,
  operatorOf,
  rowLength,
  rowTable,
} from '@espalier/runtime/tape';
import { operandOf } from '../step/operand.js';
import type { OperatorCall } from '../step/operator-call.js';
import type { StepRecorder } from '../step/step-recorder.js';
import type { Differentiable } from './differentiable.js';

/** Rows shorter than this are worth another look at the input in the other layout. */
const SHORT = 4;

const padModes: ReadonlySet<string> = new Set(['constant', 'edge', 'reflect', 'wrap']);

/** Which element of the input each element of a result is, in memory; FILL for none. */
interface ElementMap {
  readonly layout: Layout;
  readonly dims: readonly number[];
  readonly sources: Int32Array;
}

/**
 * An operator whose results are elements of its first input, moved as its other inputs say, which are constant: Slice,
 * Pad, Gather and so on. The plain operator, run on the numbers of the elements in their place, tells what goes where; the
 * gradient goes back the same ways, and is summed where an element went several.
 */
export const movement: Differentiable = {
  moves: true,
  parameters: () => [{ index: 0, layout: 'row-major', isBias: true }],
  refusal({ op, inputs, attributes }) {
    const mode = attributes.string('mode', 'constant');
    if (op === 'Pad' && !padModes.has(mode)) return `its mode is "${mode}"`;
    const index = inputs.findIndex((value, i) => i > 0 && value != null && value.constant === null);
    return index < 0 ? null : `its input ${index} is not constant`;
  },
  record(call) {
    const { step, node } = call;
    const x = operandOf(call, 0);
    const fill = node.op === 'Pad' ? Number(constantOf(node, 2)?.data[0] ?? 0) : 0;
    const maps = mapsOf(call, x.dims, x.layout);
    const { layout } = maps[0] ?? { layout: 'row-major' };
    const outputs = maps.map((map) => {
      const y = step.reals(map.dims, layout);
      recordGather(step, map.sources, fill, x.reals(layout), y.reals(layout));
      return y;
    });
    return {
      outputs: outputs.map((output, index) => (node.outputs[index] == null ? null : output)),
      backwardAll(gradients) {
        for (const [index, { sources }] of maps.entries()) {
          const gradient = gradients[index];
          if (gradient == null || !x.isWanted) continue;
          const from = gradient.reals(layout);
          x.give(layout, (to) => recordScatter(step, sources, x.size, from, to));
        }
      },
    };
  },
};

function constantOf({ inputs }: Node, index: number): Tensor | null {
  return inputs[index]?.constant?.decode() ?? null;
}

/** The maps of all results, in the layout at hand or in the other one, where elements go in longer rows. */
function mapsOf(call: OperatorCall, dims: readonly number[], layout: Layout): readonly ElementMap[] {
  const here = mapsIn(call, dims, layout);
  const shortest = (maps: readonly ElementMap[]) =>
    Math.min(...maps.map(({ sources }) => rowLength(sources)));
  if (shortest(here) >= SHORT) return here;
  const there = mapsIn(call, dims, layout === 'row-major' ? 'channels-last' : 'row-major');
  return shortest(there) > shortest(here) ? there : here;
}

function mapsIn({ node }: OperatorCall, dims: readonly number[], layout: Layout): readonly ElementMap[] {
  const entry = operatorOf(node);
  if (entry === undefined) throw new InternalError({ what: `${node.op} has no plain operator.` });
  const numbers = new Tensor('int32', memoryPlaces(dims, layout), dims);
  const count = node.op === 'Pad' ? Math.max(node.inputs.length, 3) : node.inputs.length;
  const others = Array.from({ length: count - 1 }, (_, i) =>
    // Instead of a value to pad with: what says that an element is none of the input's.
    node.op === 'Pad' && i === 1 ? new Tensor('int32', Int32Array.of(FILL), []) : constantOf(node, i + 1),
  );
  const call = { attributes: node.attributes, outputs: node.outputs.map(() => true), name: node.name };
  return entry.run([numbers, ...others], call).map((result) => {
    if (result === null) throw new InternalError({ what: `${node.op} left out a result.` });
    // The type stays: it moves elements.
    const sources = inMemoryOrder(result.data as Int32Array, result.dims, layout);
    return { layout, dims: result.dims, sources };
  });
}

/** to[i] = from[sources[i]] */
function recordGather(
  step: StepRecorder,
  sources: Int32Array,
  fill: number,
  from: Argument,
  to: Argument,
): void {
  if (sources.length === 0) return;
  const length = rowLength(sources);
  const table = rowTable(sources, length, 4);
  const filled = sources.includes(FILL) ? step.held(new Float32Array(length).fill(fill)) : 0;
  step.call('gatherRows', [table.length, length * 4, step.held(table), from, filled, to]);
}

/** to[s] = the sum of from[i] over all i with sources[i] = s, for `size` elements. */
function recordScatter(
  step: StepRecorder,
  sources: Int32Array,
  size: number,
  from: Argument,
  to: Argument,
): void {
  const starts = new Uint32Array(size + 1);
  for (const source of sources) if (source !== FILL) starts[source + 1] = (starts[source + 1] ?? 0) + 1;
  const isSingle = starts.every((count) => count <= 1);
  if (isSingle) {
    const back = new Int32Array(size).fill(FILL);
    for (const [i, source] of sources.entries()) if (source !== FILL) back[source] = i;
    recordGather(step, back, 0, from, to);
    return;
  }
  for (let i = 0; i < size; i++) starts[i + 1] = (starts[i + 1] ?? 0) + (starts[i] ?? 0);
  const places = new Uint32Array(starts[size] ?? 0);
  const next = starts.slice();
  for (const [i, source] of sources.entries()) {
    if (source === FILL) continue;
    const place = next[source] ?? 0;
    places[place] = i;
    next[source] = place + 1;
  }
  step.call('gatherSumF32', [size, step.held(starts), step.held(places), from, to]);
}

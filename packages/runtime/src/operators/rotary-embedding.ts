import type { Tensor } from '@espalier/core';
import { type Numbers, numbersFor, numbersOf, tensorFrom } from './elements.js';
import { shapeError } from './failures.js';
import { indicesOf, resolveIndex } from './gather.js';
import { optional, required, shown } from './inputs.js';
import type { Inputs, NamedCall, OperatorFamily } from './operator.js';
import { floatTypes } from './type-sets.js';

// Indices below run within the arrays they index: `!` drops the undefined that TypeScript adds.

/** Rotary position embedding. Su et al. 2021 (arXiv:2104.09864). */
export const rotaryEmbeddings: OperatorFamily = {
  RotaryEmbedding: { types: floatTypes, required: 3, run: (inputs, call) => [rotaryEmbedding(inputs, call)] },
};

/** Where the heads of x lie: [batch, heads, sequence, size] or [batch, sequence, heads * size]. */
interface HeadLayout {
  readonly batch: number;
  readonly sequence: number;
  readonly heads: number;
  readonly size: number;
  startOf(batch: number, position: number, head: number): number;
}

function rotaryEmbedding(inputs: Inputs, call: NamedCall): Tensor {
  const x = required(inputs, 0, call);
  const [cosCache, sinCache] = [required(inputs, 1, call), required(inputs, 2, call)];
  const layout = layoutOf(x, call);
  const rotated = call.attributes.int('rotary_embedding_dim', 0) || layout.size;
  const half = rotated / 2;
  if (!Number.isInteger(half) || rotated > layout.size) {
    throw shapeError(call, `rotary_embedding_dim ${rotated} does not fit heads of ${layout.size}.`);
  }
  const rowOf = cacheRows(cosCache, sinCache, optional(inputs, 3), half, layout, call);
  const interleaved = call.attributes.int('interleaved', 0) !== 0;
  const [values, cos, sin] = [numbersOf(x), numbersOf(cosCache), numbersOf(sinCache)];
  const out = numbersFor(x.type, x.dims, call);
  out.set(values);
  for (let b = 0; b < layout.batch; b++) {
    for (let s = 0; s < layout.sequence; s++) {
      const row = rowOf(b, s) * half;
      for (let h = 0; h < layout.heads; h++) {
        rotate(values, out, layout.startOf(b, s, h), cos, sin, row, half, interleaved);
      }
    }
  }
  return tensorFrom(x.type, out, x.dims);
}

/** Turns each pair of elements by its angle. Pairs are neighbours, or half a head apart. */
function rotate(
  x: Numbers,
  out: Numbers,
  start: number,
  cos: Numbers,
  sin: Numbers,
  row: number,
  half: number,
  interleaved: boolean,
): void {
  for (let i = 0; i < half; i++) {
    const first = start + (interleaved ? 2 * i : i);
    const second = interleaved ? first + 1 : first + half;
    const [c, s, real, imaginary] = [cos[row + i]!, sin[row + i]!, x[first]!, x[second]!];
    out[first] = c * real - s * imaginary;
    out[second] = s * real + c * imaginary;
  }
}

function layoutOf(x: Tensor, call: NamedCall): HeadLayout {
  const [batch, second, third, fourth] = x.dims;
  if (batch === undefined || second === undefined || third === undefined || x.dims.length > 4) {
    throw shapeError(call, `the input has shape ${shown(x.dims)}, 3 or 4 axes are expected.`);
  }
  if (fourth !== undefined) {
    const [heads, sequence, size] = [second, third, fourth];
    const startOf = (b: number, s: number, h: number) => ((b * heads + h) * sequence + s) * size;
    return { batch, sequence, heads, size, startOf };
  }
  const heads = call.attributes.int('num_heads', 0);
  const size = third / heads;
  if (!Number.isInteger(size))
    throw shapeError(call, `num_heads ${heads} does not divide a hidden size of ${third}.`);
  const startOf = (b: number, s: number, h: number) => ((b * second + s) * heads + h) * size;
  return { batch, sequence: second, heads, size, startOf };
}

/** Which row of the caches belongs to a position: the one its id names, or its own. */
function cacheRows(
  cos: Tensor,
  sin: Tensor,
  positionIds: Tensor | null,
  half: number,
  { batch, sequence }: HeadLayout,
  call: NamedCall,
): (batch: number, position: number) => number {
  if (shown(cos.dims) !== shown(sin.dims) || cos.dims.at(-1) !== half) {
    throw shapeError(
      call,
      `caches of shapes ${shown(cos.dims)} and ${shown(sin.dims)} do not hold ${half} angles.`,
    );
  }
  if (positionIds === null) {
    const expected = [batch, sequence, half];
    if (shown(cos.dims) !== shown(expected)) {
      throw shapeError(
        call,
        `caches without position ids are of shape ${shown(cos.dims)}, not ${shown(expected)}.`,
      );
    }
    return (b, s) => b * sequence + s;
  }
  const rows = cos.dims[0] ?? 0;
  if (shown(positionIds.dims) !== shown([batch, sequence]) || cos.dims.length !== 2) {
    throw shapeError(
      call,
      `position ids of shape ${shown(positionIds.dims)} do not fit ${shown([batch, sequence])}.`,
    );
  }
  const ids = indicesOf(positionIds, call);
  return (b, s) => resolveIndex(ids[b * sequence + s]!, rows, call);
}

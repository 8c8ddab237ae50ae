import type { Tensor } from '@espalier/core';
import { attentionMask, type MaskedKeys } from './attention-mask.js';
import { doublesOf, storageFor, tensorFromDoubles } from './elements.js';
import { modelError, shapeError, unsupported } from './failures.js';
import { optional, required, shown } from './inputs.js';
import type { Inputs, NamedCall, OperatorFamily, Outputs } from './operator.js';
import { floatTypes } from './type-sets.js';

// Indices below run within the arrays they index: `!` drops the undefined that TypeScript adds.

/** Scaled dot-product attention. Vaswani et al. 2017 (arXiv:1706.03762); meaning of opset 25. */
export const attentions: OperatorFamily = {
  Attention: { types: floatTypes, required: 3, run: attention },
};

/** Vectors by head: element (b, h, s, i) is at ((b * heads + h) * length + s) * size + i. */
interface Heads {
  readonly data: Float64Array;
  readonly batch: number;
  readonly heads: number;
  readonly length: number;
  readonly size: number;
}

/** What the fourth output holds: the scores before anything, after the soft cap, with the mask, or the weights. */
const scoreModes = ['raw', 'capped', 'masked', 'weights'] as const;
type ScoreMode = (typeof scoreModes)[number];

function attention(inputs: Inputs, call: NamedCall): Outputs {
  const input = required(inputs, 0, call);
  const q = headsOf(input, call.attributes.int('q_num_heads'), call);
  const kvHeads = call.attributes.int('kv_num_heads');
  const past = [optional(inputs, 4), optional(inputs, 5)] as const;
  if ((past[0] === null) !== (past[1] === null))
    throw modelError(call, 'only one of past_key and past_value is there.');
  const k = appended(past[0], headsOf(required(inputs, 1, call), kvHeads, call), call);
  const v = appended(past[1], headsOf(required(inputs, 2, call), kvHeads, call), call);
  checkFit(q, k, v, call);
  const masked = attentionMask(
    {
      mask: optional(inputs, 3),
      validKeys: optional(inputs, 6),
      pastLength: past[0] === null ? null : (past[0].dims[2] ?? 0),
      dims: [q.batch, q.heads, q.length, k.length],
    },
    call,
  );
  const scoreDims = [q.batch, q.heads, q.length, k.length];
  const scores = call.outputs[3] ? (storageFor('float64', scoreDims, call) as Float64Array) : null;
  const y = attend(q, k, v, masked, scores, call);
  const flat = input.dims.length === 3;
  const { type } = input;
  return [
    tensorFromDoubles(
      type,
      flat ? swapHeads(y, v.size, q).data : y,
      flat ? [q.batch, q.length, q.heads * v.size] : [q.batch, q.heads, q.length, v.size],
      call,
    ),
    call.outputs[1] ? tensorFromDoubles(type, k.data, [k.batch, k.heads, k.length, k.size], call) : null,
    call.outputs[2] ? tensorFromDoubles(type, v.data, [v.batch, v.heads, v.length, v.size], call) : null,
    scores === null ? null : tensorFromDoubles(type, scores, scoreDims, call),
  ];
}

/** Attention of every query, [batch, heads, queries, value size]; fills `scores` too if it is there. */
function attend(
  q: Heads,
  k: Heads,
  v: Heads,
  masked: MaskedKeys,
  scores: Float64Array | null,
  call: NamedCall,
): Float64Array {
  const scale = call.attributes.float('scale') ?? 1 / Math.sqrt(q.size);
  const softcap = call.attributes.float('softcap', 0);
  const mode = scoreModes[call.attributes.int('qk_matmul_output_mode', 0)];
  if (mode === undefined) throw unsupported(call, 'qk_matmul_output_mode is not 0, 1, 2 or 3.');
  const out = storageFor('float64', [q.batch, q.heads, q.length, v.size], call) as Float64Array;
  const row = new Float64Array(k.length);
  const keep = (wanted: ScoreMode, index: number) => {
    if (scores !== null && mode === wanted) scores.set(row, index * k.length);
  };
  const sharing = q.heads / k.heads;
  for (let index = 0; index < q.batch * q.heads * q.length; index++) {
    const head = Math.floor(index / q.length);
    // Query heads share a key head in runs: 0, 0, 1, 1, ...
    const keyHead = Math.floor(head / q.heads) * k.heads + Math.floor((head % q.heads) / sharing);
    scoreRow(q, index, k, keyHead, scale, row);
    keep('raw', index);
    if (softcap > 0) for (let j = 0; j < row.length; j++) row[j] = softcap * Math.tanh(row[j]! / softcap);
    keep('capped', index);
    const open = masked.apply(index, row);
    keep('masked', index);
    if (open) softmaxInPlace(row);
    else row.fill(0);
    keep('weights', index);
    mixValues(row, v, keyHead, out, index * v.size);
  }
  return out;
}

/** row[j] = scale * q . k[j] */
function scoreRow(q: Heads, query: number, k: Heads, head: number, scale: number, row: Float64Array): void {
  const from = query * q.size;
  for (let j = 0; j < k.length; j++) {
    const key = (head * k.length + j) * k.size;
    let sum = 0;
    for (let i = 0; i < q.size; i++) sum += q.data[from + i]! * k.data[key + i]!;
    row[j] = sum * scale;
  }
}

function softmaxInPlace(row: Float64Array): void {
  let max = -Infinity;
  for (let j = 0; j < row.length; j++) max = Math.max(max, row[j]!);
  // All scores are -inf though the mask lets keys in: there is nothing to weigh.
  if (max === -Infinity) return void row.fill(0);
  let sum = 0;
  for (let j = 0; j < row.length; j++) {
    row[j] = Math.exp(row[j]! - max);
    sum += row[j]!;
  }
  for (let j = 0; j < row.length; j++) row[j] = row[j]! / sum;
}

/** Adds the values, each with its weight. A weight of 0 skips its value, which may be padding of NaN. */
function mixValues(weights: Float64Array, v: Heads, head: number, out: Float64Array, at: number): void {
  for (let j = 0; j < weights.length; j++) {
    const weight = weights[j]!;
    if (weight === 0) continue;
    const value = (head * v.length + j) * v.size;
    for (let i = 0; i < v.size; i++) out[at + i] = out[at + i]! + weight * v.data[value + i]!;
  }
}

/** [batch, heads, length, size] as it is, or [batch, length, heads * size] sorted by head. */
function headsOf(x: Tensor, count: number | undefined, call: NamedCall): Heads {
  const [batch, second, third, fourth] = x.dims;
  if (batch === undefined || second === undefined || third === undefined || x.dims.length > 4) {
    throw shapeError(call, `an input has shape ${shown(x.dims)}, 3 or 4 axes are expected.`);
  }
  if (fourth !== undefined) return { data: doublesOf(x), batch, heads: second, length: third, size: fourth };
  if (count === undefined)
    throw modelError(call, 'inputs of 3 axes need attributes q_num_heads and kv_num_heads.');
  const size = third / count;
  if (!Number.isInteger(size))
    throw shapeError(call, `${count} heads do not divide a hidden size of ${third}.`);
  return swapHeads(doublesOf(x), size, { batch, heads: second, length: count });
}

/** Swaps the axes `heads` and `length` of an array of vectors. */
function swapHeads(
  data: Float64Array,
  size: number,
  { batch, heads, length }: Pick<Heads, 'batch' | 'heads' | 'length'>,
): Heads {
  const out = new Float64Array(data.length);
  for (let b = 0; b < batch; b++) {
    for (let h = 0; h < heads; h++) {
      for (let s = 0; s < length; s++) {
        const from = ((b * heads + h) * length + s) * size;
        out.set(data.subarray(from, from + size), ((b * length + s) * heads + h) * size);
      }
    }
  }
  return { data: out, batch, heads: length, length: heads, size };
}

/** The past vectors followed by the new ones, head by head. */
function appended(past: Tensor | null, next: Heads, call: NamedCall): Heads {
  if (past === null) return next;
  const before = headsOf(past, undefined, call);
  const fits = before.batch === next.batch && before.heads === next.heads && before.size === next.size;
  if (!fits)
    throw shapeError(call, `a past of shape ${shown(past.dims)} does not fit the new keys or values.`);
  const length = before.length + next.length;
  const data = new Float64Array(next.batch * next.heads * length * next.size);
  const [oldBlock, newBlock] = [before.length * next.size, next.length * next.size];
  for (let head = 0; head < next.batch * next.heads; head++) {
    const at = head * length * next.size;
    data.set(before.data.subarray(head * oldBlock, (head + 1) * oldBlock), at);
    data.set(next.data.subarray(head * newBlock, (head + 1) * newBlock), at + oldBlock);
  }
  return { ...next, data, length };
}

function checkFit(q: Heads, k: Heads, v: Heads, call: NamedCall): void {
  if (q.batch !== k.batch || k.batch !== v.batch || q.size !== k.size || k.length !== v.length) {
    throw shapeError(call, 'batch, head size or sequence length of queries, keys and values do not agree.');
  }
  if (k.heads !== v.heads || q.heads % k.heads !== 0) {
    throw shapeError(call, `${q.heads} query heads can't share ${k.heads} key and ${v.heads} value heads.`);
  }
}

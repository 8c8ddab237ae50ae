import type { Tensor } from '@espalier/core';
import { stretchedView } from './broadcast.js';
import { numbersOf } from './elements.js';
import { shapeError, unsupported } from './failures.js';
import { integersOf, shown } from './inputs.js';
import type { NamedCall } from './operator.js';

// Indices below run within the arrays they index: `!` drops the undefined that TypeScript adds.

export interface MaskInputs {
  /** Bool (true takes part) or numbers that are added to the scores. */
  readonly mask: Tensor | null;
  /** Keys of each batch that are not padding. */
  readonly validKeys: Tensor | null;
  /** Length of the past keys, where they are inputs. */
  readonly pastLength: number | null;
  /** [batch, heads, queries, keys] */
  readonly dims: readonly [number, number, number, number];
}

export interface MaskedKeys {
  /** Adds the mask to the scores of one query, counted over all of [batch, heads, queries]; false where no key is left. */
  apply(query: number, scores: Float64Array): boolean;
}

/** Combines the mask, causality, the sliding window and padding: a key must pass all of them. */
export function attentionMask(given: MaskInputs, call: NamedCall): MaskedKeys {
  const [batch, heads, queries, keys] = given.dims;
  const valid = given.validKeys === null ? null : integersOf(given.validKeys);
  if (valid !== null && (valid.length !== batch || given.pastLength !== null)) {
    throw shapeError(call, 'nonpad_kv_seqlen needs one entry a batch, and no past keys.');
  }
  const visible = visibleRange(call);
  const additive = additiveMask(given, call);
  return {
    apply(query, scores) {
      const b = Math.floor(query / (heads * queries));
      const position = query % queries;
      // Keys before the first query: the past ones, or those in the cache that are not of this block.
      const offset = given.pastLength ?? (valid === null ? 0 : valid[b]! - queries);
      const { first, last } = visible(position + offset);
      const end = Math.min(valid === null ? keys : valid[b]!, last + 1);
      let open = false;
      for (let j = 0; j < keys; j++) {
        const bias = j < first || j >= end ? -Infinity : additive(query, j);
        if (bias !== -Infinity) open = true;
        // A score of +inf or NaN must not turn what is masked into NaN.
        scores[j] = bias === -Infinity ? -Infinity : scores[j]! + bias;
      }
      return open;
    },
  };
}

interface KeyRange {
  readonly first: number;
  readonly last: number;
}

/** The first and last key that a query at an absolute position may see. */
function visibleRange(call: NamedCall): (position: number) => KeyRange {
  const causal = call.attributes.int('is_causal', 0) !== 0;
  const left = call.attributes.int('left_window_size', -1);
  const right = call.attributes.int('right_window_size', -1);
  if (left < -1 || right < -1) throw unsupported(call, `window sizes ${left} and ${right}: -1 is the least.`);
  return (position) => ({
    first: left < 0 ? 0 : position - left,
    last: Math.min(causal ? position : Infinity, right < 0 ? Infinity : position + right),
  });
}

/** What the mask adds for a query and a key. A mask with fewer keys excludes the rest. */
function additiveMask({ mask, dims }: MaskInputs, call: NamedCall): (query: number, key: number) => number {
  if (mask === null) return () => 0;
  const [batch, heads, queries, keys] = dims;
  const covered = mask.dims.at(-1) ?? 1;
  if (covered > keys)
    throw shapeError(call, `a mask of shape ${shown(mask.dims)} covers more than ${keys} keys.`);
  const { strides } = stretchedView(mask.dims, [batch, heads, queries, covered], call);
  const values = numbersOf(mask);
  const isBool = mask.type === 'bool';
  return (query, key) => {
    if (key >= covered) return -Infinity;
    const row = Math.floor(query / queries);
    const [b, h, s] = [Math.floor(row / heads), row % heads, query % queries];
    const value = values[b * strides[0]! + h * strides[1]! + s * strides[2]! + key * strides[3]!]!;
    return isBool ? (value ? 0 : -Infinity) : value;
  };
}

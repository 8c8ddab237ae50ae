import { walkEncoding } from '../encoding/encoding.js';
import { SparseEncoding } from '../encoding/sparse.js';
import type { Model, Weight } from '../ir/model.js';
import { toNumbers } from '../tensor/tensor.js';

/** Something an earlier pass achieved that later ones must not undo. */
export interface Invariant {
  readonly name: string;
  /** What of `before` no longer holds in `after`, in a sentence; null where all is well. */
  violation(before: Model, after: Model): string | null;
}

/** Weights that changed between two models, paired by name. */
function* changedWeights(before: Model, after: Model): Generator<readonly [Weight, Weight]> {
  const later = new Map(after.weights().map((weight) => [weight.name, weight]));
  for (const weight of before.weights()) {
    const now = later.get(weight.name);
    if (now !== undefined && now.encoding !== weight.encoding) yield [weight, now];
  }
}

function hasKind({ encoding }: Weight, kind: string): boolean {
  for (const entry of walkEncoding(encoding)) if (entry.encoding.kind === kind) return true;
  return false;
}

function isQuantized(weight: Weight): boolean {
  return hasKind(weight, 'affine') || hasKind(weight, 'blockwise');
}

/** Zeros stay zeros: the mask of pruning. */
export const sparsityInvariant: Invariant = {
  name: 'sparsity',
  violation(before, after) {
    for (const [was, now] of changedWeights(before, after)) {
      if (keepSamePlaces(was, now)) continue;
      const filled = countFilled(toNumbers(was.decode()), toNumbers(now.decode()));
      if (filled > 0) return `${filled} pruned weights of "${was.name}" are no longer zero`;
    }
    return null;
  },
};

/** Two sparse tensors with equal gaps can't differ in their mask; decoding both takes six times the memory. */
function keepSamePlaces({ encoding: before }: Weight, { encoding: after }: Weight): boolean {
  if (!(before instanceof SparseEncoding && after instanceof SparseEncoding)) return false;
  if (before.skip !== after.skip || before.dims.join() !== after.dims.join()) return false;
  const [was, now] = [before.children.gaps, after.children.gaps];
  if (was === now) return true;
  const [a, b] = [toNumbers(was.decode()), toNumbers(now.decode())];
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function countFilled(before: ArrayLike<number>, after: ArrayLike<number>): number {
  if (before.length !== after.length) return 0;
  let filled = 0;
  for (let i = 0; i < before.length; i++) if (before[i] === 0 && after[i] !== 0) filled++;
  return filled;
}

function distinctCount(values: ArrayLike<number>): number {
  const found = new Set<number | undefined>();
  for (let i = 0; i < values.length; i++) found.add(values[i]);
  return found.size;
}

/** Shared weights stay shared: no more distinct values than the codebook had. */
export const codebookInvariant: Invariant = {
  name: 'codebook',
  violation(before, after) {
    for (const [was, now] of changedWeights(before, after)) {
      if (!hasKind(was, 'codebook') || hasKind(now, 'codebook')) continue;
      const limit = distinctCount(toNumbers(was.decode()));
      if (distinctCount(toNumbers(now.decode())) > limit) {
        return `the weights of "${was.name}" no longer share ${limit} values`;
      }
    }
    return null;
  },
};

/** What is quantized stays quantized. */
export const quantizationInvariant: Invariant = {
  name: 'quantization',
  violation(before, after) {
    for (const [was, now] of changedWeights(before, after)) {
      if (isQuantized(was) && !isQuantized(now))
        return `the weights of "${was.name}" are no longer quantized`;
    }
    for (const value of before.graph.values) {
      const now = after.graph.value(value.name);
      if (
        value.type?.quantization !== undefined &&
        now !== undefined &&
        now.type?.quantization === undefined
      ) {
        return `the value "${value.name}" is no longer quantized`;
      }
    }
    return null;
  },
};

/** Folded norms stay folded. */
export const foldedNormsInvariant: Invariant = {
  name: 'folded-norms',
  violation(before, after) {
    const count = (model: Model): number => model.graph.nodesOf('BatchNormalization').length;
    const [was, now] = [count(before), count(after)];
    return now > was ? `there are ${now} batch normalizations, there were ${was}` : null;
  },
};

export const builtInInvariants: readonly Invariant[] = [
  sparsityInvariant,
  codebookInvariant,
  quantizationInvariant,
  foldedNormsInvariant,
];

import { type Dim, unknownDim } from '../../ir/value-type.js';
import type { DataType } from '../../tensor/data-type.js';
import { betterDim, broadcastDim, broadcastDims, type Dims, dimsDiffer, printDims } from '../dims.js';
import type { NodeView } from '../node-view.js';
import type { ShapeRule, ShapeRules } from '../rule.js';

/** Matrix products of the inputs `a` and `b`, by NumPy's rules. */
function matMul(a: number, b: number, least: number, dtype: (view: NodeView) => DataType | null): ShapeRule {
  return { least, infer: (view) => [{ dtype: dtype(view), dims: matMulDims(view, a, b) }] };
}

function matMulDims(view: NodeView, aIndex: number, bIndex: number): Dims | null {
  const a = view.dims(aIndex);
  const b = view.dims(bIndex);
  if (a === null || b === null) return null;
  if (a.length === 0 || b.length === 0) throw view.fail('A scalar is no matrix.');
  // A vector is a matrix of one row on the left, of one column on the right.
  const left = a.length === 1 ? [1, ...a] : a;
  const right = b.length === 1 ? [...b, 1] : b;
  if (dimsDiffer(left.at(-1), right.at(-2))) {
    throw view.fail(
      `Inputs ${printDims(a)} and ${printDims(b)} do not multiply: ${left.at(-1)} columns meet ${right.at(-2)} rows.`,
    );
  }
  const batch = broadcastDims([left.slice(0, -2), right.slice(0, -2)]);
  if (batch === null) throw view.fail(`The batches of ${printDims(a)} and ${printDims(b)} do not broadcast.`);
  const rows: Dims = a.length === 1 ? [] : left.slice(-2, -1);
  const columns: Dims = b.length === 1 ? [] : right.slice(-1);
  return [...batch, ...rows, ...columns];
}

const gemm: ShapeRule = {
  least: 2,
  infer: (view) => [{ dtype: view.dtype(0) ?? view.dtype(1), dims: gemmDims(view) }],
};

function gemmDims(view: NodeView): Dims | null {
  const a = matrix(view, 0, 'transA');
  const b = matrix(view, 1, 'transB');
  if (dimsDiffer(a?.[1], b?.[0])) {
    throw view.fail(`${a?.[1]} columns of A meet ${b?.[0]} rows of B.`);
  }
  if (a === null && b === null) return null;
  const dims = [a?.[0] ?? unknownDim, b?.[1] ?? unknownDim];
  const bias = view.dims(2);
  const fits =
    bias === null || (bias.length <= 2 && bias.every((dim, i) => fitsBias(dim, dims[i + 2 - bias.length])));
  if (!fits) throw view.fail(`A bias ${printDims(bias)} does not broadcast to ${printDims(dims)}.`);
  return dims;
}

/** Gemm broadcasts one way: the bias never grows the result. */
function fitsBias(dim: Dim, wanted: Dim | undefined): boolean {
  return dim === 1 || !dimsDiffer(dim, wanted);
}

function matrix(view: NodeView, index: number, flag: string): readonly [Dim, Dim] | null {
  const dims = view.dims(index);
  if (dims === null) return null;
  const [rows, columns] = dims;
  if (rows === undefined || columns === undefined || dims.length !== 2) {
    throw view.fail(
      `Input ${index} of the shape ${printDims(dims)} is no matrix.`,
      'Flatten it, or use MatMul.',
    );
  }
  return view.attributes.int(flag, 0) === 0 ? [rows, columns] : [columns, rows];
}

const einsum: ShapeRule = {
  infer: (view) => [{ dtype: view.dtype(0), dims: einsumDims(view) }],
};

function einsumDims(view: NodeView): Dims | null {
  const equation = (view.attributes.string('equation') ?? '').replaceAll(' ', '');
  const [inputs = '', output] = equation.split('->');
  const terms = inputs.split(',');
  if (terms.length !== view.node.inputs.length) {
    throw view.fail(`"${equation}" has ${terms.length} terms for ${view.node.inputs.length} inputs.`);
  }
  const sizes = new Map<string, Dim>();
  let ellipsis: Dims = [];
  for (const [index, term] of terms.entries()) {
    const dims = view.dims(index);
    if (dims === null) return null;
    ellipsis = readTerm(view, term, dims, sizes, ellipsis);
  }
  const letters = output ?? implicitOutput(inputs);
  return splitTerm(letters).flatMap((label) =>
    label === '...' ? ellipsis : [sizes.get(label) ?? unknownDim],
  );
}

/** Notes the sizes of the letters of one term; returns what the ellipsis stands for so far. */
function readTerm(view: NodeView, term: string, dims: Dims, sizes: Map<string, Dim>, ellipsis: Dims): Dims {
  const labels = splitTerm(term);
  const hidden = dims.length - labels.filter((label) => label !== '...').length;
  if (hidden < 0 || (hidden > 0 && !labels.includes('...'))) {
    throw view.fail(`The term "${term}" does not fit an input ${printDims(dims)}.`);
  }
  let at = 0;
  let grown = ellipsis;
  for (const label of labels) {
    if (label === '...') {
      const broadcast = broadcastDims([ellipsis, dims.slice(at, at + hidden)]);
      if (broadcast === null) throw view.fail('What "..." stands for does not broadcast.');
      grown = broadcast;
      at += hidden;
      continue;
    }
    const dim = dims[at++] ?? unknownDim;
    const known = sizes.get(label) ?? dim;
    if (broadcastDim(known, dim) === null) throw view.fail(`"${label}" stands for ${known} and for ${dim}.`);
    sizes.set(label, known === 1 ? dim : betterDim(known, dim));
  }
  return grown;
}

function splitTerm(term: string): readonly string[] {
  return term.match(/\.\.\.|[A-Za-z]/g) ?? [];
}

/** Without an arrow: the ellipsis, then the letters that occur once, in alphabetical order. */
function implicitOutput(inputs: string): string {
  const letters: readonly string[] = inputs.match(/[A-Za-z]/g) ?? [];
  const once = letters.filter((letter) => letters.indexOf(letter) === letters.lastIndexOf(letter)).sort();
  return `${inputs.includes('...') ? '...' : ''}${once.join('')}`;
}

export const productRules: ShapeRules = {
  MatMul: matMul(0, 1, 2, (view) => view.dtype(0) ?? view.dtype(1)),
  MatMulInteger: matMul(0, 1, 2, () => 'int32'),
  QLinearMatMul: matMul(0, 3, 8, (view) => view.dtype(7)),
  Gemm: gemm,
  Einsum: einsum,
};

import { ShapeError } from '@espalier/core';
import type { RowRange } from '@espalier/kernels';
import { Activation, type Element } from '../memory/activation.js';
import type { Grid } from '../memory/grid.js';
import { type Layout, sameDims } from '../memory/layout.js';
import type { AnyKernelName } from '../memory/workspace.js';
import type { Compute, Job } from '../plan/job.js';
import type { Address, Argument } from '../tape/block.js';
import type { Recorder } from '../tape/recorder.js';
import {
  alignedDims,
  broadcastDims,
  commonLayout,
  type PairCall,
  pairCalls,
  writeRepeated,
} from './broadcast.js';
import { needed } from './operands.js';

/** Elements between which a row may be cut: a line of the cache, even of bytes. */
const UNIT = 64;

/** The arguments of a kernel of two operands. */
export type PairArguments = (
  call: PairCall,
  a: Address,
  b: Address,
  y: Address,
  swapped: boolean,
) => readonly Argument[];

export interface PairSpec {
  readonly element: Element;
  /** Of the result, where it is made of codes. */
  readonly grid: Grid | null;
  readonly commutes: boolean;
  /** Whether the result must have the shape of the first operand. */
  readonly keepsFirst?: boolean;
  readonly kernel: AnyKernelName;
  readonly argsOf: PairArguments;
  /** An operand that is constant and held already, by index. */
  readonly held?: ReadonlyMap<number, Activation>;
}

/** Two operands under ONNX's broadcasting, by a kernel that repeats its second. */
export function pairStep(job: Job, spec: PairSpec): Compute {
  const { element, kernel } = spec;
  const size = element === 'real' ? 4 : spec.grid?.wide ? 2 : 1;
  return (inputs, recorder) => {
    const first = spec.held?.get(0) ?? needed(inputs, 0, job);
    const second = spec.held?.get(1) ?? needed(inputs, 1, job);
    const dims = broadcastDims(first.dims, second.dims);
    if (dims === null || (spec.keepsFirst && !sameDims(dims, first.dims)))
      throw shapesDiffer(job, first, second);
    const layout = commonLayout(dims, [first, second]);
    const y =
      spec.grid === null
        ? Activation.reals(recorder, dims, layout)
        : Activation.codes(recorder, dims, layout, spec.grid);
    const swapped = spec.commutes && first.size < y.size && second.size === y.size;
    const [a, b] = swapped ? [second, first] : [first, second];
    const full = a.size === y.size ? null : repeated(recorder, a, dims, layout, element);
    const from = addressOf(full ?? a, element, layoutOf(full ?? a, dims, layout));
    const other = addressOf(b, element, layoutOf(b, dims, layout));
    const to = addressOf(y, element, layout);
    const calls = [...pairCalls(dims, alignedDims(b.dims, dims.length), layout)];
    const argsOf = (call: PairCall): readonly Argument[] => {
      const at = call.aOffset * size;
      const places = [from.plus(at), other.plus(call.bOffset * size), to.plus(at)] as const;
      return spec.argsOf(call, ...places, swapped);
    };
    const [only] = calls;
    if (calls.length === 1 && only !== undefined) {
      const length = only.rows > 1 ? only.rows : only.columns;
      const sharing = { elements: only.rows * only.columns, unit: only.rows > 1 ? 1 : UNIT };
      recorder.split(kernel, length, 0, (range) => argsOf(partOf(only, range)), sharing);
    } else {
      recorder.sequence(calls.length, (index) => {
        const call = calls[index];
        return call === undefined ? [] : [{ kernel, args: argsOf(call) }];
      });
    }
    full?.release();
    return [y];
  };
}

/** Some rows of a call; some columns, where it has one row. */
function partOf(call: PairCall, { first, end }: RowRange): PairCall {
  const { rows, columns, aOffset, bOffset, bRowStride, bColumnStride } = call;
  if (rows > 1) {
    return {
      ...call,
      rows: end - first,
      aOffset: aOffset + first * columns,
      bOffset: bOffset + first * bRowStride,
    };
  }
  return {
    ...call,
    columns: end - first,
    aOffset: aOffset + first,
    bOffset: bOffset + first * bColumnStride,
  };
}

/** The layout that an operand is read in: one of lower rank has no channels, and stands as its own dims say. */
function layoutOf(operand: Activation, dims: readonly number[], layout: Layout): Layout {
  return operand.dims.length < dims.length ? 'row-major' : layout;
}

function addressOf(activation: Activation, element: Element, layout: Layout): Address {
  return element === 'real' ? activation.reals(layout) : activation.codes(layout);
}

/** The operand written out at the shape of the result. */
function repeated(
  recorder: Recorder,
  operand: Activation,
  dims: readonly number[],
  layout: Layout,
  element: Element,
): Activation {
  const calls = [...pairCalls(dims, alignedDims(operand.dims, dims.length), layout)];
  const own = layoutOf(operand, dims, layout);
  addressOf(operand, element, own);
  if (element === 'code' && operand.grid !== null) {
    const full = Activation.codes(recorder, dims, layout, operand.grid);
    recorder.host(() => {
      if (full.grid?.wide) writeRepeated(operand.wideCodeView(own), full.wideCodeView(layout), calls);
      else writeRepeated(operand.codeView(own), full.codeView(layout), calls);
    });
    return full;
  }
  const full = Activation.reals(recorder, dims, layout);
  recorder.host(() => writeRepeated(operand.realView(own), full.realView(layout), calls));
  return full;
}

function shapesDiffer(job: Job, a: Activation, b: Activation): ShapeError {
  return new ShapeError({
    what: `${job.node.op} got shapes [${a.dims.join(', ')}] and [${b.dims.join(', ')}], which do not fit each other.`,
    where: `node "${job.node.name}"`,
  });
}

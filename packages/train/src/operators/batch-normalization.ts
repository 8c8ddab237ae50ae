import { reductions, unaryFunctions } from '@espalier/kernels';
import type { Address, Argument } from '@espalier/runtime/tape';
import type { OperatorCall } from '../step/operator-call.js';
import type { StepRecorder } from '../step/step-recorder.js';
import { sumRows } from './column-sums.js';
import type { Differentiable, Recorded } from './differentiable.js';

/** Inputs: x, scale, bias, running mean, running variance. */
const SCALE = 1;
const BIAS = 2;
const MEAN = 3;
const VARIANCE = 4;

/**
 * BatchNormalization: by the mean and variance of the batch in training, which the running ones follow; by the running
 * ones otherwise.
 *
 * @see ONNX BatchNormalization, opset 15, training_mode 1; Ioffe and Szegedy 2015 (arXiv:1502.03167), algorithm 1
 */
export const batchNormalization: Differentiable = {
  parameters: () => [
    { index: SCALE, layout: 'row-major' },
    { index: BIAS, layout: 'row-major' },
    { index: MEAN, layout: 'row-major', isState: true },
    { index: VARIANCE, layout: 'row-major', isState: true },
  ],
  refusal: (node) =>
    node.inputs.slice(1, 5).some((value) => value?.constant == null)
      ? 'its parameters are not constant'
      : null,
  record: (call) => (call.step.purpose.training ? new Training(call).record() : byRunning(call)),
};

function byRunning(call: OperatorCall): Recorded {
  const { step } = call;
  const x = call.input(0);
  const vectors = new Vectors(step, x.dims[1] ?? 1);
  const inverse = vectors.inverseRoot(addressOf(call, VARIANCE), call.node.attributes.float('epsilon', 1e-5));
  const scale = vectors.times(inverse, addressOf(call, SCALE));
  const shift = vectors.minus(addressOf(call, BIAS), vectors.times(scale, addressOf(call, MEAN)));
  const y = step.reals(call.dims, 'channels-last');
  const [from, to] = [x.reals('channels-last'), y.reals('channels-last')];
  const rows = x.size / vectors.length;
  step.call('scaleShiftF32', [rows, vectors.length, from, scale, shift, 0, 1, to, -Infinity, Infinity]);
  return { output: y, backward() {} };
}

function addressOf(call: OperatorCall, index: number): number {
  // Refused where it is not constant.
  return call.parameter(index)?.effective ?? 0;
}

/** Arithmetic of vectors with one element a channel. */
class Vectors {
  readonly length: number;
  readonly #step: StepRecorder;

  constructor(step: StepRecorder, length: number) {
    this.#step = step;
    this.length = length;
  }

  /** 1 / sqrt(v + epsilon) */
  inverseRoot(v: Argument, epsilon: number): Address {
    const result = this.#new();
    const { length } = this;
    this.#step.call('addF32', [1, length, v, this.#step.number(epsilon), 0, 0, result, -Infinity, Infinity]);
    for (const operation of [unaryFunctions.sqrt, unaryFunctions.reciprocal]) {
      this.#step.call('unaryF32', [operation, length, result, result, 0, 0]);
    }
    return result;
  }

  times(a: Argument, b: Argument): Address {
    return this.#apply('mulF32', a, b, 1);
  }

  minus(a: Argument, b: Argument): Address {
    return this.#apply('subF32', a, b, 1);
  }

  scaled(a: Argument, factor: number): Address {
    return this.#apply('mulF32', a, this.#step.number(factor), 0);
  }

  /** running = running * momentum + now * (1 - momentum) */
  follow(running: number, now: Argument, momentum: number): void {
    const kept = this.scaled(running, momentum);
    const added = this.scaled(now, Math.fround(1 - momentum));
    this.#step.call('addF32', [1, this.length, kept, added, 0, 1, running, -Infinity, Infinity]);
  }

  #apply(kernel: 'mulF32' | 'subF32', a: Argument, b: Argument, stride: 0 | 1): Address {
    const result = this.#new();
    this.#step.call(kernel, [1, this.length, a, b, 0, stride, result, -Infinity, Infinity]);
    return result;
  }

  #new(): Address {
    return this.#step.scratch(this.length * 4);
  }
}

class Training {
  readonly #call: OperatorCall;
  readonly #step: StepRecorder;
  readonly #channels: number;
  readonly #rows: number;

  constructor(call: OperatorCall) {
    const { dims, size } = call.input(0);
    this.#call = call;
    this.#step = call.step;
    this.#channels = dims[1] ?? 1;
    this.#rows = size / this.#channels;
  }

  record(): Recorded {
    const [call, step, rows, channels] = [this.#call, this.#step, this.#rows, this.#channels];
    const { attributes } = call.node;
    const x = call.input(0);
    const vectors = new Vectors(step, channels);
    const mean = step.scratch(channels * 4);
    const from = x.reals('channels-last');
    step.call('reduceF32', [reductions.mean, 1, rows, channels, from, mean]);
    // Kept for the backward pass.
    const normalized = step.reals(call.dims, 'channels-last');
    const inverse = step.reals([channels], 'row-major');
    const xs = normalized.reals('channels-last');
    this.#byChannel('subF32', from, mean, xs);
    const squares = step.scratch(channels * 4);
    step.call('reduceF32', [reductions.sumSquare, 1, rows, channels, xs, squares]);
    const variance = vectors.scaled(squares, Math.fround(1 / rows));
    const root = vectors.inverseRoot(variance, attributes.float('epsilon', 1e-5));
    step.copy(channels * 4, root, inverse.reals('row-major'));
    this.#byChannel('mulF32', xs, root, xs);
    const momentum = attributes.float('momentum', 0.9);
    vectors.follow(addressOf(call, MEAN), mean, momentum);
    vectors.follow(addressOf(call, VARIANCE), variance, momentum);
    const y = step.reals(call.dims, 'channels-last');
    const [scale, bias] = [addressOf(call, SCALE), addressOf(call, BIAS)];
    const to = y.reals('channels-last');
    step.call('scaleShiftF32', [rows, channels, xs, scale, bias, 0, 1, to, -Infinity, Infinity]);
    return {
      output: y,
      backward: (gradient) => {
        this.#backward(gradient.reals('channels-last'), xs, inverse.reals('row-major'));
        normalized.release();
        inverse.release();
      },
    };
  }

  /** dx = scale / root * (dy - mean(dy) - normalized * mean(dy * normalized)) */
  #backward(dy: Address, normalized: Address, inverse: Address): void {
    const [call, step, rows, channels] = [this.#call, this.#step, this.#rows, this.#channels];
    const vectors = new Vectors(step, channels);
    const work = step.scratch(rows * channels * 4);
    const [sums, products] = [step.scratch(channels * 4), step.scratch(channels * 4)];
    sumRows(step, rows, channels, dy, sums);
    this.#elementwise('mulF32', dy, normalized, work);
    sumRows(step, rows, channels, work, products);
    call.giveParameter(call.parameter(BIAS), (to) => step.copy(channels * 4, sums, to));
    call.giveParameter(call.parameter(SCALE), (to) => step.copy(channels * 4, products, to));
    if (!call.wants(0)) return;
    const share = Math.fround(1 / rows);
    const dx = step.reals(call.input(0).dims, 'channels-last');
    const to = dx.reals('channels-last');
    this.#byChannel('mulF32', normalized, vectors.scaled(products, share), work);
    this.#elementwise('subF32', dy, work, to);
    this.#byChannel('subF32', to, vectors.scaled(sums, share), to);
    this.#byChannel('mulF32', to, vectors.times(inverse, addressOf(call, SCALE)), to);
    call.give(0, dx);
  }

  #byChannel(kernel: 'mulF32' | 'subF32', a: Argument, b: Argument, y: Argument): void {
    this.#step.call(kernel, [this.#rows, this.#channels, a, b, 0, 1, y, -Infinity, Infinity]);
  }

  #elementwise(kernel: 'mulF32' | 'subF32', a: Argument, b: Argument, y: Argument): void {
    const size = this.#rows * this.#channels;
    this.#step.call(kernel, [1, size, a, b, size, 1, y, -Infinity, Infinity]);
  }
}

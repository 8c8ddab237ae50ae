import { rangeAxes, roundHalfEven, Tensor, toFloat32 } from '@espalier/core';
import { type Compute, type Job, type Planned, type Refusal, refuse } from '../plan/job.js';
import { isFloat32Value, needed } from '../steps/operands.js';

const f = Math.fround;

/** An activation rounded to its own ranges where no product takes it as codes: in plain TypeScript, number by number as kernels do. */
export function planRange(job: Job): Planned | Refusal {
  if (!isFloat32Value(job.node.inputs[0])) return refuse('it is not float32');
  const isOnnx = job.form.rule === 'onnx';
  const compute: Compute = (inputs, recorder) => {
    const x = needed(inputs, 0, job);
    x.makeTensor();
    const axes = new Set(rangeAxes(job.node, x.dims.length));
    return recorder.tensors(inputs, () => [
      new Tensor('float32', rounded(toFloat32(x.tensor()), x.dims, axes, isOnnx), x.dims),
    ]);
  };
  return { compute };
}

function rounded(
  x: Float32Array,
  dims: readonly number[],
  axes: ReadonlySet<number>,
  isOnnx: boolean,
): Float32Array {
  const groups = groupsOf(dims, axes);
  const ranges = new Map<number, { low: number; high: number }>();
  for (const [i, value] of x.entries()) {
    const group = groups(i);
    const range = ranges.get(group) ?? { low: 0, high: 0 };
    if (value < range.low) range.low = value;
    if (value > range.high) range.high = value;
    ranges.set(group, range);
  }
  const rounders = new Map([...ranges].map(([group, range]) => [group, rounder(range, isOnnx)] as const));
  return x.map((value, i) => rounders.get(groups(i))?.(value) ?? value);
}

/** The number of the range that an element belongs to. */
function groupsOf(dims: readonly number[], axes: ReadonlySet<number>): (index: number) => number {
  return (index) => {
    let [rest, group, stride] = [index, 0, 1];
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      const size = dims[axis] ?? 1;
      if (!axes.has(axis)) {
        group += (rest % size) * stride;
        stride *= size;
      }
      rest = Math.floor(rest / size);
    }
    return group;
  };
}

/** As `dynamicCodes` of the kernels, back to reals. */
function rounder(
  { low, high }: { readonly low: number; readonly high: number },
  isOnnx: boolean,
): (value: number) => number {
  const span = f(high - low);
  const factor = span === 0 ? 1 : isOnnx ? f(span / 255) : f(255 / span);
  const scale = isOnnx ? factor : f(1 / factor);
  const [first, last] = [f(low * factor), f(high * factor)];
  const isUpper = f(f(first - 128) + f(127 + last)) > 0;
  const end = isOnnx ? f(-low / factor) - 128 : isUpper ? f(-128 - first) : f(127 - last);
  const zero = Math.min(Math.max(roundHalfEven(end), -128), 127);
  return (value) => {
    const steps = roundHalfEven(f(isOnnx ? value / factor : value * factor));
    return f(Math.min(Math.max(steps, -128 - zero), 127 - zero) * scale);
  };
}

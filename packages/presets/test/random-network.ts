import { float, Graph, int, ints, Model, Tensor, type Value } from '@espalier/core';

/** A stream of choices: fast-check gives the numbers, so that a failure shrinks. */
export class Choices {
  readonly #numbers: readonly number[];
  #at = 0;

  constructor(numbers: readonly number[]) {
    this.#numbers = numbers;
  }

  get isOver(): boolean {
    return this.#at >= this.#numbers.length;
  }

  /** A whole number below `count`. */
  below(count: number): number {
    return (this.#numbers[this.#at++] ?? 0) % count;
  }

  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T; // lists here have elements
  }
}

type Dims = readonly number[];

interface Held {
  readonly value: Value;
  readonly dims: Dims;
}

/** Elements of an activation at the most. */
const most = 600;

/**
 * A network that moves elements about between operators that care where images have their channels, and some that do not: each
 * step reads what an earlier one made. Input x is [1, 4, 3, 5].
 */
export function randomNetwork(choices: Choices): Model {
  const graph = new Graph('random');
  const first: Dims = [1, 4, 3, 5];
  const held: Held[] = [{ value: graph.addInput('x', { dtype: 'float32', dims: [...first] }), dims: first }];
  let seed = 1;
  const constant = (dims: Dims): Value => {
    const size = dims.reduce((a, b) => a * b, 1);
    const data = Float32Array.from({ length: size }, () => {
      seed = (seed * 16807) % 2147483647;
      return seed / 2147483647 - 0.5;
    });
    return graph.constant(new Tensor('float32', data, [...dims]));
  };
  const numbers = (values: Dims): Value =>
    graph.constant(new Tensor('int64', BigInt64Array.from(values, BigInt), [values.length]));
  const add = (value: Value, dims: Dims): void => {
    held.push({ value, dims });
  };
  const steps: Readonly<Record<string, (x: Value, dims: Dims) => void>> = {
    transpose: (x, dims) => {
      const left = dims.map((_, axis) => axis);
      const perm = dims.map(() => left.splice(choices.below(left.length), 1)[0] ?? 0);
      add(
        graph.apply({ op: 'Transpose', inputs: [x], attributes: { perm: ints(perm) } }),
        perm.map((axis) => dims[axis] ?? 1),
      );
    },
    reshape: (x, dims) => {
      let rest = dims.reduce((a, b) => a * b, 1);
      const shape: number[] = [];
      while (shape.length < 3 && rest > 1) {
        const factors = Array.from({ length: rest }, (_, i) => i + 1).filter((n) => rest % n === 0);
        const factor = choices.of(factors);
        shape.push(factor);
        rest /= factor;
      }
      shape.push(rest);
      add(graph.apply({ op: 'Reshape', inputs: [x, numbers(shape)] }), shape);
    },
    conv: (x, dims) => {
      const [batch = 1, channels = 1, height = 1, width = 1] = dims;
      if (dims.length !== 4) return;
      const outputs = 1 + choices.below(4);
      const kernel = height >= 3 && width >= 3 && choices.below(2) === 1 ? 3 : 1;
      const pad = kernel === 3 ? choices.below(2) : 0;
      const y = graph.apply({
        op: 'Conv',
        inputs: [x, constant([outputs, channels, kernel, kernel]), constant([outputs])],
        attributes: { kernel_shape: ints([kernel, kernel]), pads: ints([pad, pad, pad, pad]) },
      });
      const less = kernel - 1 - 2 * pad;
      add(y, [batch, outputs, height - less, width - less]);
    },
    pool: (x, dims) => {
      if (dims.length !== 4 || (dims[2] ?? 0) < 2 || (dims[3] ?? 0) < 2) return;
      const op = choices.of(['MaxPool', 'AveragePool']);
      const y = graph.apply({ op, inputs: [x], attributes: { kernel_shape: ints([2, 2]) } });
      add(y, [dims[0] ?? 1, dims[1] ?? 1, (dims[2] ?? 0) - 1, (dims[3] ?? 0) - 1]);
    },
    relu: (x, dims) => add(graph.apply({ op: choices.of(['Relu', 'HardSwish', 'Tanh']), inputs: [x] }), dims),
    scaled: (x, dims) => {
      const axis = choices.below(dims.length);
      const shape = dims.map((dim, i) => (i === axis ? dim : 1)).slice(choices.below(2) === 1 ? axis : 0);
      add(graph.apply({ op: choices.of(['Add', 'Mul', 'Sub']), inputs: [x, constant(shape)] }), dims);
    },
    both: (x, dims) => {
      const like = held.filter((other) => other.dims.join() === dims.join());
      add(graph.apply({ op: choices.of(['Add', 'Mul', 'Sub']), inputs: [x, choices.of(like).value] }), dims);
    },
    concat: (x, dims) => {
      const axis = choices.below(dims.length);
      const fits = held.filter(
        (other) =>
          other.dims.length === dims.length && other.dims.every((dim, i) => i === axis || dim === dims[i]),
      );
      const other = choices.of(fits);
      const result = dims.map((dim, i) => (i === axis ? dim + (other.dims[i] ?? 0) : dim));
      if (result.reduce((a, b) => a * b, 1) > most) return;
      add(graph.apply({ op: 'Concat', inputs: [x, other.value], attributes: { axis: int(axis) } }), result);
    },
    slice: (x, dims) => {
      const axis = choices.below(dims.length);
      const size = dims[axis] ?? 1;
      const from = choices.below(size);
      const to = from + 1 + choices.below(size - from);
      const inputs = [x, numbers([from]), numbers([to]), numbers([axis])];
      add(
        graph.apply({ op: 'Slice', inputs }),
        dims.map((dim, i) => (i === axis ? to - from : dim)),
      );
    },
    pad: (x, dims) => {
      const before = dims.map((_, axis) => (axis > 0 && choices.below(3) === 0 ? 1 : 0));
      const result = dims.map((dim, axis) => dim + (before[axis] ?? 0));
      if (result.reduce((a, b) => a * b, 1) > most) return;
      add(graph.apply({ op: 'Pad', inputs: [x, numbers([...before, ...dims.map(() => 0)])] }), result);
    },
    mean: (x, dims) => {
      const axis = choices.below(dims.length);
      const keeps = dims.length === 1 ? 1 : choices.below(2);
      const y = graph.apply({
        op: 'ReduceMean',
        inputs: [x, numbers([axis])],
        attributes: { keepdims: int(keeps) },
      });
      add(y, keeps === 1 ? dims.map((dim, i) => (i === axis ? 1 : dim)) : dims.filter((_, i) => i !== axis));
    },
    softmax: (x, dims) => {
      const axis = choices.below(dims.length);
      add(graph.apply({ op: 'Softmax', inputs: [x], attributes: { axis: int(axis) } }), dims);
    },
    split: (x, dims) => {
      const axis = choices.below(dims.length);
      const size = dims[axis] ?? 1;
      if (size < 2) return;
      const cut = 1 + choices.below(size - 1);
      const outputs = [graph.addValue(), graph.addValue()];
      graph.addNode({
        op: 'Split',
        inputs: [x, numbers([cut, size - cut])],
        outputs,
        attributes: { axis: int(axis) },
      });
      for (const [index, value] of outputs.entries())
        add(
          value,
          dims.map((dim, i) => (i === axis ? (index === 0 ? cut : size - cut) : dim)),
        );
    },
    matrix: (x, dims) => {
      const width = dims.at(-1) ?? 1;
      if (dims.length < 2) return;
      const outputs = 1 + choices.below(4);
      add(graph.apply({ op: 'MatMul', inputs: [x, constant([width, outputs])] }), [
        ...dims.slice(0, -1),
        outputs,
      ]);
    },
    leaky: (x, dims) =>
      add(graph.apply({ op: 'LeakyRelu', inputs: [x], attributes: { alpha: float(0.25) } }), dims),
    unsqueeze: (x, dims) => {
      if (dims.length > 3) return;
      const axis = choices.below(dims.length + 1);
      add(graph.apply({ op: 'Unsqueeze', inputs: [x, numbers([axis])] }), dims.toSpliced(axis, 0, 1));
    },
  };
  while (!choices.isOver) {
    // Later results more often than early ones.
    const { value, dims } =
      held[held.length - 1 - choices.below(Math.min(held.length, 3))] ?? (held[0] as Held);
    steps[choices.of(Object.keys(steps))]?.(value, dims);
  }
  const ends = held.filter(({ value }) => !graph.isInput(value) && graph.consumers(value).length === 0);
  for (const { value } of ends) graph.addOutput(value);
  if (ends.length === 0) graph.addOutput(graph.apply({ op: 'Relu', inputs: [held[0]?.value as Value] }));
  return new Model(graph);
}

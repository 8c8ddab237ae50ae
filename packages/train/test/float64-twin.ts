import { type Feeds, Graph, Model, Tensor, toNumbers } from '@espalier/core';
import { InferenceSession } from '@espalier/runtime';
import type { Samples } from '../src/index.js';

/** Half the distance of the two sides of a central difference. */
const H = 1e-6;

/** A loss over outputs [count, width], in float64. */
export type TwinLoss = (outputs: Float64Array, width: number, data: Samples) => number;

/** The mean of -log softmax of the right class. */
export const crossEntropy: TwinLoss = (outputs, width, { labels, count }) => {
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const row = outputs.subarray(i * width, (i + 1) * width);
    const most = Math.max(...row);
    const total = row.reduce((all, x) => all + Math.exp(x - most), 0);
    sum += Math.log(total) + most - (row[labels?.[i] ?? 0] ?? 0);
  }
  return sum / count;
};

/** A model in float64 whose float constants are fed: computed by the plain operators of the runtime. */
export class Twin {
  readonly #session: InferenceSession;
  readonly #weights: ReadonlyMap<string, Tensor>;
  readonly #inputs: readonly string[];

  private constructor(
    session: InferenceSession,
    weights: ReadonlyMap<string, Tensor>,
    inputs: readonly string[],
  ) {
    this.#session = session;
    this.#weights = weights;
    this.#inputs = inputs;
  }

  static async of(model: Model): Promise<Twin> {
    const graph = new Graph();
    const values = new Map(
      model.graph.values.map((value) => {
        const { name, constant } = value;
        if (model.graph.isInput(value))
          return [value, graph.addInput(name, { dtype: 'float64', dims: value.type?.dims ?? null })];
        if (constant === null) return [value, graph.addValue(name)];
        const isFloat = constant.type.startsWith('float');
        return [
          value,
          isFloat
            ? graph.addInput(name, { dtype: 'float64', dims: constant.dims })
            : graph.constant(constant, name),
        ];
      }),
    );
    const of = (value: Parameters<typeof values.get>[0] | null) =>
      value === null ? null : (values.get(value) ?? null);
    for (const node of model.graph.nodes) {
      graph.addNode({ ...node, inputs: node.inputs.map(of), outputs: node.outputs.map(of) });
    }
    for (const output of model.graph.outputs) {
      const own = values.get(output);
      if (own !== undefined) graph.addOutput(own);
    }
    const weights = model.graph.constants.flatMap(({ name, constant }) => {
      const tensor = constant?.decode();
      if (tensor === undefined || !tensor.type.startsWith('float')) return [];
      return [[name, new Tensor('float64', Float64Array.from(toNumbers(tensor)), tensor.dims)] as const];
    });
    const inputs = model.graph.inputs.map(({ name }) => name);
    return new Twin(await InferenceSession.create(new Model(graph)), new Map(weights), inputs);
  }

  /** d loss / d weight, by central differences. */
  async gradient(name: string, data: Samples, loss: TwinLoss): Promise<Float64Array> {
    const weight = this.#weights.get(name);
    if (weight === undefined) throw new Error(`There is no weight ${name}.`);
    const values = weight.data as Float64Array; // made of one above
    const result = new Float64Array(values.length);
    for (const [i, value] of values.entries()) {
      values[i] = value + H;
      const above = await this.#loss(data, loss);
      values[i] = value - H;
      const below = await this.#loss(data, loss);
      values[i] = value;
      result[i] = (above - below) / (2 * H);
    }
    return result;
  }

  async #loss(data: Samples, loss: TwinLoss): Promise<number> {
    const inputs = this.#inputs.map((name): readonly [string, Tensor] => {
      const array = data.inputs[name];
      const dims = [data.count, ...(array?.dims ?? [])];
      return [name, new Tensor('float64', Float64Array.from(array?.data ?? []), dims)];
    });
    const feeds: Feeds = Object.fromEntries([...inputs, ...this.#weights]);
    const [output] = Object.values(await this.#session.run(feeds));
    if (output === undefined) throw new Error('The model has no output.');
    return loss(output.data as Float64Array, output.data.length / data.count, data); // float64 in, float64 out
  }
}

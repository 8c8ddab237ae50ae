import type { Array as JaxArray } from '@jax-js/jax';
import { type Layer, layersOf, type Parameter } from '../layers.js';
import { BATCH_SIZE, type Batch, type Rule, type Task } from '../task.js';
import type { Training } from './engine.js';

type Jax = typeof import('@jax-js/jax');

/**
 * jax-js on WebAssembly: loss, gradients and update in one function under `jit`, which is its fastest way. In Node it has
 * one thread: it starts others only where there is a global `Worker`.
 */
export async function startJaxJs(task: Task): Promise<Training> {
  const jax = await import('@jax-js/jax');
  const { numpy: np } = jax;
  await jax.init('wasm');
  jax.defaultDevice('wasm');
  const layers = layersOf(task.model);
  const start = layers.flatMap((layer) => ('weight' in layer ? [layer.weight, layer.bias] : []));
  const slots = Array.from({ length: slotsOf(task.rule) }, () =>
    start.map(({ dims }) => np.zeros([...dims])),
  );
  let state: State = { parameters: start.map((parameter) => place(jax, parameter)), slots };
  const step = jax.jit((before: State, batch: JaxBatch, factors: JaxArray[]) =>
    trainStep(jax, layers, task.rule, before, batch, factors),
  );
  let count = 0;
  return {
    async train(batches) {
      let sum = 0;
      for (const batch of batches) {
        const factors = factorsOf(task.rule, ++count).map((factor) => np.array(factor));
        const result = step(state, placeBatch(jax, task, batch), factors);
        state = result.state;
        sum += (await result.loss.data())[0] ?? Number.NaN;
        await jax.blockUntilReady(state);
      }
      return sum;
    },
    memoryBytes: () => null,
    release() {
      jax.tree.dispose(state);
      step.dispose();
    },
  };
}

// Types, not interfaces: what jax-js traces has to be a tree by its type.
/** The parameters in the order of the layers, and what the optimizer keeps for each of them. */
type State = { parameters: JaxArray[]; slots: JaxArray[][] };
type JaxBatch = { pixels: JaxArray; targets: JaxArray };

function place({ numpy: np }: Jax, { values, dims }: Parameter): JaxArray {
  return np.array(values.slice()).reshape([...dims]);
}

function placeBatch({ numpy: np, nn }: Jax, { dims, classes }: Task, { pixels, labels }: Batch): JaxBatch {
  return {
    // It takes the array over.
    pixels: np.array(pixels.slice()).reshape([BATCH_SIZE, ...dims]),
    targets: nn.oneHot(np.array(Int32Array.from(labels)), classes),
  };
}

/** Each use of an array but the last one asks for `ref`: arrays are counted, and freed by whom they are passed to. */
function trainStep(
  jax: Jax,
  layers: readonly Layer[],
  rule: Rule,
  { parameters, slots }: State,
  { pixels, targets }: JaxBatch,
  factors: readonly JaxArray[],
): { loss: JaxArray; state: State } {
  const lossOf = (given: JaxArray[]): JaxArray => {
    const scores = forward(jax, layers, given, pixels);
    return jax.numpy.sum(jax.nn.logSoftmax(scores).mul(targets)).mul(-1 / BATCH_SIZE);
  };
  const [loss, gradients] = jax.valueAndGrad(lossOf)(jax.tree.ref(parameters));
  const updated = gradients.map((gradient, i) => {
    const kept = slots.map((slot) => slot[i] as JaxArray); // one for each parameter
    return updateOf(jax, rule, parameters[i] as JaxArray, gradient, kept, factors);
  });
  for (const factor of factors) factor.dispose();
  const next = {
    parameters: updated.map(({ value }) => value),
    slots: slots.map((_, slot) => updated.map(({ kept }) => kept[slot] as JaxArray)),
  };
  return { loss, state: next };
}

function forward(
  jax: Jax,
  layers: readonly Layer[],
  parameters: readonly JaxArray[],
  input: JaxArray,
): JaxArray {
  const { numpy: np, nn, lax } = jax;
  let next = 0;
  const take = (): JaxArray => parameters[next++] as JaxArray; // as many as the layers have
  let x = input;
  for (const layer of layers) {
    switch (layer.kind) {
      case 'conv':
        x = lax.conv(x, take(), [1, 1], 'VALID');
        x = x.add(take().reshape([-1, 1, 1]));
        break;
      case 'connected':
        x = np.matmul(x, take().transpose());
        x = x.add(take());
        break;
      case 'max-pool':
        x = lax.reduceWindow(x, np.max, [...layer.window], [...layer.strides]);
        break;
      case 'relu':
        x = nn.relu(x);
        break;
      case 'flatten':
        x = x.reshape([BATCH_SIZE, -1]);
        break;
      default:
        layer satisfies never;
    }
  }
  return x;
}

function slotsOf(rule: Rule): number {
  return rule.name === 'adam' ? 2 : 1;
}

/** What changes from step to step: the correction of Adam's means. */
function factorsOf(rule: Rule, step: number): readonly number[] {
  if (rule.name === 'sgd') return [];
  return [rule.learningRate / (1 - rule.beta1 ** step), 1 / Math.sqrt(1 - rule.beta2 ** step)];
}

function updateOf(
  { numpy: np }: Jax,
  rule: Rule,
  value: JaxArray,
  gradient: JaxArray,
  [first, second]: readonly JaxArray[],
  [rate, root]: readonly JaxArray[],
): { readonly value: JaxArray; readonly kept: readonly JaxArray[] } {
  if (rule.name === 'sgd') {
    const velocity = (first as JaxArray).mul(rule.momentum).add(gradient); // one slot
    return { value: value.sub(velocity.ref.mul(rule.learningRate)), kept: [velocity] };
  }
  // Two slots and two factors.
  const mean = (first as JaxArray).mul(rule.beta1).add(gradient.ref.mul(1 - rule.beta1));
  const square = (second as JaxArray).mul(rule.beta2).add(np.square(gradient).mul(1 - rule.beta2));
  const length = np
    .sqrt(square.ref)
    .mul((root as JaxArray).ref)
    .add(rule.epsilon);
  return { value: value.sub(mean.ref.mul((rate as JaxArray).ref).div(length)), kept: [mean, square] };
}

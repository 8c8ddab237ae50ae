import type { Optimizer, Tensor, Tensor4D, Variable } from '@tensorflow/tfjs';
import { type Layer, layersOf, type Parameter } from '../layers.js';
import { BATCH_SIZE, type Rule, type Task } from '../task.js';
import type { Training } from './engine.js';

type Tfjs = typeof import('@tensorflow/tfjs');

/**
 * TensorFlow.js with its own optimizers. Images are channels-last there: weights start in the order that makes the network
 * the same.
 *
 * @param backend - 'wasm' has no gradient of a convolution's weights: `train` fails there
 */
export async function startTfjs(task: Task, backend: 'wasm' | 'cpu'): Promise<Training> {
  const tf = await import('@tensorflow/tfjs');
  if (backend === 'wasm') {
    const wasm = await import('@tensorflow/tfjs-backend-wasm');
    wasm.setThreadsCount(1);
  }
  tf.enableProdMode(); // no checks, and no advertisement of its native build
  await tf.setBackend(backend);
  await tf.ready();
  const layers = placeLayers(tf, layersOf(task.model), task.dims);
  const optimizer = optimizerOf(tf, task.rule);
  const [channels = 1, height = 1, width = 1] = task.dims;
  return {
    async train(batches) {
      let sum = 0;
      for (const { pixels, labels } of batches) {
        const batch = tf.tidy(() => ({
          pixels:
            task.dims.length === 1
              ? tf.tensor(pixels, [BATCH_SIZE, ...task.dims])
              : tf.transpose(tf.tensor(pixels, [BATCH_SIZE, channels, height, width]), [0, 2, 3, 1]),
          targets: tf.oneHot(tf.tensor1d(Int32Array.from(labels), 'int32'), task.classes),
        }));
        const loss = optimizer.minimize(
          () => tf.losses.softmaxCrossEntropy(batch.targets, forward(tf, layers, batch.pixels)),
          true,
        );
        sum += (await loss?.data())?.[0] ?? Number.NaN;
        loss?.dispose();
        tf.dispose(batch);
      }
      return sum;
    },
    memoryBytes: () => tf.memory().numBytes,
    release() {
      optimizer.dispose();
      tf.disposeVariables();
    },
  };
}

type PlacedLayer =
  | Exclude<Layer, { weight: Parameter }>
  | {
      readonly kind: 'conv' | 'connected';
      readonly weight: Variable;
      readonly bias: Variable;
    };

function optimizerOf({ train }: Tfjs, rule: Rule): Optimizer {
  if (rule.name === 'sgd') return train.momentum(rule.learningRate, rule.momentum);
  return train.adam(rule.learningRate, rule.beta1, rule.beta2, rule.epsilon);
}

function placeLayers(tf: Tfjs, layers: readonly Layer[], input: readonly number[]): readonly PlacedLayer[] {
  /** Channels of an image that was made a row just before; 0 elsewhere. */
  let flattened = 0;
  let channels = input[0] ?? 0;
  return layers.map((layer) => {
    if (layer.kind === 'flatten') flattened = channels;
    if (!('weight' in layer)) return layer;
    const weight = tf.tidy(() => {
      const given = tf.tensor(layer.weight.values, [...layer.weight.dims]);
      if (layer.kind === 'conv') return tf.variable(tf.transpose(given, [2, 3, 1, 0]));
      return tf.variable(tf.transpose(flattened === 0 ? given : channelsLast(tf, given, flattened)));
    });
    channels = layer.weight.dims[0] ?? 0;
    flattened = 0;
    return { kind: layer.kind, weight, bias: tf.variable(tf.tensor1d(layer.bias.values)) };
  });
}

/** Columns of a matrix that stand for [channels, pixels], as [pixels, channels]. */
function channelsLast(tf: Tfjs, matrix: Tensor, channels: number): Tensor {
  const [outputs = 0, inputs = 0] = matrix.shape;
  const turned = tf.transpose(tf.reshape(matrix, [outputs, channels, inputs / channels]), [0, 2, 1]);
  return tf.reshape(turned, [outputs, inputs]);
}

function forward(tf: Tfjs, layers: readonly PlacedLayer[], input: Tensor): Tensor {
  let x = input;
  for (const layer of layers) {
    switch (layer.kind) {
      case 'conv':
        x = tf.add(tf.conv2d(x as Tensor4D, layer.weight as unknown as Tensor4D, 1, 'valid'), layer.bias);
        break;
      case 'connected':
        x = tf.add(tf.matMul(x, layer.weight), layer.bias);
        break;
      case 'max-pool':
        x = tf.maxPool(x as Tensor4D, pair(layer.window), pair(layer.strides), 'valid');
        break;
      case 'relu':
        x = tf.relu(x);
        break;
      case 'flatten':
        x = tf.reshape(x, [BATCH_SIZE, -1]);
        break;
      default:
        layer satisfies never;
    }
  }
  return x;
}

function pair([height = 1, width = 1]: readonly number[]): [number, number] {
  return [height, width];
}

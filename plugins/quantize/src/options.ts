import { defineOptions, type Options, option, type PerOp, type RequantizationRule } from '@espalier/core';
import { type FinetuneOptions, finetuneOptions } from './finetune/finetune-options.js';
import { type MixedBudget, mixedOptions } from './rounding/mixed-options.js';

export interface QuantizeOptions {
  /**
   * `static`: weights and activations in int8, ranges measured on calibration data. `dynamic`: int8 weights, and
   * activations of matrix products in int8 by the range they have when they are computed. `weight-only`: integer
   * weights, computed with in float32. `float16`: weights held as float16.
   */
  readonly mode: 'static' | 'dynamic' | 'weight-only' | 'float16';
  /** Whether each output channel has a scale of its own, or the whole tensor one. Of weights. */
  readonly granularity: PerOp<'channel' | 'tensor'>;
  /** Bits of a weight's code, 2 to 8: all, or of each weight by its name or operator. Below 8 they are packed. */
  readonly bits: PerOp<number>;
  /**
   * Weights of a row that share a scale, along the input channels; 0: all of a row, or of a tensor. With
   * `mode: 'weight-only'`.
   */
  readonly groupSize: PerOp<number>;
  /** Whether scales of weights reach the largest of them, or cut off what makes the squared error least. */
  readonly weightRange: PerOp<'max' | 'mse'>;
  /**
   * Whether weights take the nearest code, or those that change the layer's output least over the calibration
   * data (AdaRound).
   */
  readonly rounding: PerOp<'nearest' | 'adaptive'>;
  /** Whether biases take up the mean error that rounding the weights makes over the calibration data. */
  readonly correctBias: boolean;
  /**
   * Gives each layer's weights a width of their own, under a budget of bytes or answers, or lets each compute in int8, int16 or float32, under
   * one of time; null where `bits`, `activations` and `exclude` say all.
   */
  readonly mixed: MixedBudget | null;
  /** Codes of activations: all, or of each value by its name or the operator that computes it. */
  readonly activations: PerOp<'int8' | 'int16'>;
  /**
   * How ranges of activations are measured: the name of a calibrator, one for all or for each value by its
   * name or the operator that computes it. Plugins bring more of them.
   */
  readonly observer: PerOp<string>;
  /** Share of values inside the range, in percent, with `observer: 'percentile'`. 50 < percentile <= 100. */
  readonly percentile: number;
  /** Calibration samples that are run, at most. */
  readonly samples: number;
  /** Samples run at a time. */
  readonly batchSize: number;
  /**
   * The rule by which sums become codes, and what it asks of grids: with a rule of TensorFlow Lite the model computes
   * what LiteRT, or TensorFlow Lite Micro, makes of the .tflite file. null: the rule that the model has.
   */
  readonly requantization: RequantizationRule | null;
  /** Whether the model's outputs are quantized too. */
  readonly outputs: 'int8' | 'float32';
  /** What stays as it is: names of nodes, of weights, or operators. */
  readonly exclude: readonly string[];
  /** How the quantized model is trained, on the run's training data; null for not at all. */
  readonly finetune: FinetuneOptions | null;
}

export const quantizeOptions: Options<QuantizeOptions> = defineOptions<QuantizeOptions>({
  mode: option.oneOf(['static', 'dynamic', 'weight-only', 'float16'], {
    default: 'static',
    about:
      'int8 weights and activations, with measured ranges or such as they come; integer weights only; float16 weights.',
  }),
  granularity: option.perOp(
    option.oneOf(['channel', 'tensor'], {
      default: 'channel',
      about: 'Whether each output channel of a weight has a scale of its own.',
    }),
  ),
  bits: option.perOp(
    option.integer({
      default: 8,
      min: 2,
      max: 8,
      about: 'Bits of the codes of weights.',
    }),
  ),
  groupSize: option.perOp(
    option.integer({
      default: 0,
      min: 0,
      max: 2 ** 20,
      about: 'Weights along the inputs that share a scale, with mode "weight-only"; 0: as granularity says.',
    }),
  ),
  weightRange: option.perOp(
    option.oneOf(['max', 'mse'], {
      default: 'max',
      about: 'Scales of weights reach the largest, or cut off what makes the squared error least.',
    }),
  ),
  rounding: option.perOp(
    option.oneOf(['nearest', 'adaptive'], {
      default: 'nearest',
      about: 'Weights take the nearest codes, or those that change the layer least on calibration data.',
    }),
  ),
  correctBias: option.boolean({
    default: false,
    about: 'Biases take up the mean error of rounded weights, measured on calibration data.',
  }),
  mixed: option.nullable(option.group(mixedOptions), {
    about:
      'A width for the weights of each layer, or what it computes in, by what it costs on calibration data.',
  }),
  activations: option.perOp(
    option.oneOf(['int8', 'int16'], {
      default: 'int8',
      about: 'Codes of activations. int16 is for layers that 8 bits are too few for.',
    }),
  ),
  observer: option.perOp(
    option.text({
      default: 'min-max',
      suggestions: ['min-max', 'moving-average', 'percentile', 'entropy', 'mse'],
      about: 'The calibrator that measures ranges of activations.',
    }),
  ),
  percentile: option.number({
    default: 99.99,
    above: 50,
    max: 100,
    about: 'Percent of the values that lie inside the range, with observer "percentile".',
  }),
  samples: option.integer({ default: 256, min: 1, about: 'Calibration samples that are run, at most.' }),
  batchSize: option.integer({ default: 16, min: 1, max: 4096, about: 'Calibration samples run at a time.' }),
  requantization: option.nullable(
    option.oneOf(['onnx', 'tflite', 'tflite-double'], {
      default: 'onnx',
      about: 'Rule by which sums become codes: that of ONNX, LiteRT or TensorFlow Lite Micro.',
    }),
  ),
  outputs: option.oneOf(['int8', 'float32'], {
    default: 'int8',
    about: 'Whether the nodes that compute the outputs run in int8 too.',
  }),
  exclude: {
    ...option.list(option.text({ default: '' })),
    about: 'Names of nodes or weights, or operators, that stay as they are.',
  },
  finetune: option.nullable(option.group(finetuneOptions), {
    about: 'Trains the quantized model on the training data of the run.',
  }),
});

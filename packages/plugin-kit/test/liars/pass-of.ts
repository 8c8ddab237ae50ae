import {
  defineOptions,
  definePassPlugin,
  type Model,
  type Options,
  option,
  PASS,
  type Pass,
  type PassContext,
  type PassPlugin,
  type PassResult,
  type Tensor,
  tensorOf,
  toNumbers,
  type Weight,
} from '@espalier/core';

export interface Amount {
  readonly amount: number;
}

const amountOptions: Options<Amount> = defineOptions<Amount>({
  amount: option.number({ default: 0.5, min: 0, max: 1, about: 'How much.' }),
});

/** A pass that is honest but for what is given: where nothing is, it changes nothing. */
export function passOf(
  id: string,
  run: (model: Model, context: PassContext<Amount>) => PassResult | Promise<PassResult>,
  more: Partial<Pass<Amount>> = {},
): PassPlugin<Amount> {
  return definePassPlugin({
    id,
    about: 'A pass that the kit is tried on.',
    options: amountOptions,
    register(container) {
      container.register(PASS, { useFactory: () => ({ name: id, effect: 'lossy', run, ...more }) });
    },
  });
}

/** The weights of a model that are whole float32 tensors. */
export function plainWeights(model: Model): readonly Weight[] {
  return model.weights().filter(({ encoding }) => encoding.kind === 'dense' && encoding.type === 'float32');
}

/** float32 values through a function, in a new tensor. */
export function mapped(tensor: Tensor, change: (value: number, index: number) => number): Tensor {
  return tensorOf('float32', Array.from(toNumbers(tensor), change), tensor.dims);
}

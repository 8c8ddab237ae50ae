import type { Attributes } from '@espalier/core';
import { type UnaryFunctionName, unaryFunctions } from '@espalier/kernels';
import type { Differentiable } from './differentiable.js';

/** A function of one float32 that the kernels compute, with its parameters. */
function unary(
  name: UnaryFunctionName,
  parametersOf: (attributes: Attributes) => readonly [number, number] = () => [0, 0],
): Differentiable {
  const operation = unaryFunctions[name];
  return {
    record(call) {
      const { step } = call;
      const x = call.input(0);
      const { layout } = x;
      const y = step.reals(call.dims, layout);
      const parameters = parametersOf(call.node.attributes);
      step.call('unaryF32', [operation, x.size, x.reals(layout), y.reals(layout), ...parameters]);
      return {
        output: y,
        backward(gradient) {
          if (!call.wants(0)) return;
          const dx = step.reals(x.dims, layout);
          const arrays = [x, y, gradient, dx].map((one) => one.reals(layout));
          step.call('unaryGradientF32', [operation, x.size, ...arrays, ...parameters]);
          call.give(0, dx);
        },
      };
    },
  };
}

export const sigmoid: Differentiable = { ...unary('sigmoid'), isBounded: true };
export const tanh: Differentiable = { ...unary('tanh'), isBounded: true };
export const exp: Differentiable = unary('exp');
export const log: Differentiable = unary('log');
export const sqrt: Differentiable = unary('sqrt');
export const neg: Differentiable = unary('neg');
export const leakyRelu: Differentiable = unary('leakyRelu', (attributes) => [
  attributes.float('alpha', 0.01),
  0,
]);
export const hardSigmoid: Differentiable = {
  ...unary('hardSigmoid', (attributes) => [attributes.float('alpha', 0.2), attributes.float('beta', 0.5)]),
  isBounded: true,
};
/** ONNX HardSwish, opset 22: x max(0, min(1, x / 6 + 1 / 2)). */
export const hardSwish: Differentiable = unary('hardSwish', () => [Math.fround(1 / 6), 0.5]);

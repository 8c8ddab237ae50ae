import { AffineEncoding, type Encoding, quantization, type Value } from '@espalier/core';
import type { Order } from '../../axes.js';
import { reorderConstant } from '../../reorder-constant.js';
import { canBeHybrid, outputAxis } from '../hybrid.js';
import type { OperatorWriter, Write } from '../operator-writer.js';

/** An activation that is rounded to its own range: what reads it does that in a file. */
export const writeDynamicRange: Write = (writer) => {
  const x = writer.value(0);
  const y = writer.result.value;
  const others = writer.graph
    .consumers(y)
    .filter((node) => node.inputs.indexOf(y) !== 0 || !canBeHybrid(node));
  if (others.length > 0 || writer.graph.isOutput(y)) {
    const names = others.map(({ op, name }) => `${op} "${name}"`).join(', ') || 'an output of the model';
    throw writer.unsupported(
      `only products with symmetric int8 weights round their activations in LiteRT, and it is read by ${names}`,
    );
  }
  writer.tensors.alias(y, x);
};

/** The weights of a convolution as its kernel reads them: integers beside codes, and beside reals where it is hybrid. */
export function kernelTensor(writer: OperatorWriter, index: number, order: Order, outputs: number): number {
  if (!writer.isHybrid) return writer.input(index, order);
  const value = writer.value(index);
  return writer.tensors.encoded(withScaleEach(writer, value, order, outputs), value.name);
}

/** LiteRT reads a scale for each channel of a depthwise kernel, whether there is one or not. */
function withScaleEach(writer: OperatorWriter, value: Value, order: Order, outputs: number): Encoding {
  const weights = value.constant;
  if (!(weights instanceof AffineEncoding)) throw writer.unsupported('its weights are not integers');
  const { quantization: grid } = weights;
  if (grid.axis !== null) return reorderConstant(weights, order);
  const axis = outputAxis(writer.node) ?? 0;
  const each = quantization({
    scale: new Float32Array(outputs).fill(grid.scale[0] ?? 1),
    zeroPoint: new Int32Array(outputs).fill(grid.zeroPoint[0] ?? 0),
    axis,
    storageType: grid.storageType,
  });
  return reorderConstant(new AffineEncoding(weights.children.codes, each), order);
}

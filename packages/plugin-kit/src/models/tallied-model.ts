import { DenseEncoding, type Model, type Tensor } from '@espalier/core';

/** What was decoded of a model. */
export class Tally {
  tensors = 0;
  elements = 0;
}

/** A model whose dense weights count how often they are decoded. */
export function tallied(model: Model, tally: Tally): Model {
  for (const value of model.graph.constants) {
    if (value.constant instanceof DenseEncoding)
      model.graph.replaceConstant(value, new TalliedEncoding(value.constant.tensor, tally));
  }
  return model;
}

class TalliedEncoding extends DenseEncoding {
  readonly #tally: Tally;

  constructor(tensor: Tensor, tally: Tally) {
    super(tensor);
    this.#tally = tally;
  }

  override decode(): Tensor {
    this.#tally.tensors++;
    this.#tally.elements += this.tensor.data.length;
    return super.decode();
  }
}

import type { Model, PassContext } from '@espalier/core';
import { type ClusterConstraint, PassTraining, type TrainingOptions } from '@espalier/train';
import { clustersOf, withCentroids } from './clusters.js';
import type { ShareWeightsOptions } from './options.js';

/**
 * Trains the values that weights share: the gradient of a value is the sum of those of the weights that have it. Which
 * weight has which value stays as it is. Biases and weights that are not shared are trained along.
 *
 * @see Han et al. 2016 (arXiv:1510.00149), section 3.3, equation 3
 */
export async function trainCentroids(
  model: Model,
  context: PassContext<ShareWeightsOptions>,
  options: TrainingOptions,
): Promise<void> {
  const constraints: Record<string, ClusterConstraint> = {};
  for (const { name, constant } of model.graph.constants) {
    const clusters = constant === null ? null : clustersOf(constant);
    if (clusters !== null) constraints[name] = clusters;
  }
  const training = await PassTraining.open(model, context, options, { constraints });
  try {
    await training.fit();
    const trees = new Map(model.graph.constants.map(({ name, constant }) => [name, constant]));
    training.writeBack((name) => {
      const tree = trees.get(name);
      const trained = training.trainer.centroids(name);
      return tree == null || trained === null ? null : withCentroids(tree, trained, context.options);
    });
  } finally {
    training.release();
  }
}

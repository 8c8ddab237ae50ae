export { type AttributeLike, buildModel, ModelBuilder } from './build-model.js';
export {
  type CompareOptions,
  expectSameOutputs,
  relativeDifference,
  seededFeeds,
} from './compare-outputs.js';
export { type BrokenPromise, brokenPromises } from './contract/broken-promises.js';
export { checkPlugin } from './contract/check-plugin.js';
export { coreLeaves, type Leaf, leafVariants, wrappings } from './contract/encoding/nestings.js';
export { deserialise, type Serialised, serialise } from './contract/encoding/round-trip.js';
export type { PluginContract } from './contract/plugin-contract.js';
export { type FixtureOptions, runFixtures } from './fixtures/run-fixtures.js';
export { fixtureModel, fixtureTexts } from './models/fixture-models.js';
export { seededTensor, seededValues } from './seeded-values.js';
export { parseModel } from './text/parse-model.js';

export { type AttributeLike, buildModel, ModelBuilder } from './build-model.js';
export {
  type CompareOptions,
  expectSameOutputs,
  relativeDifference,
  seededFeeds,
} from './compare-outputs.js';
export { checkEncoding, type EncodingContractOptions } from './contract/encoding-contract.js';
export { coreLeaves, type Leaf, leafVariants, wrappings } from './contract/nestings.js';
export { checkPassContract, type PassContractOptions } from './contract/pass-contract.js';
export { deserialise, type Serialised, serialise } from './contract/round-trip.js';
export { type FixtureOptions, runFixtures } from './fixtures/run-fixtures.js';
export { seededTensor, seededValues } from './seeded-values.js';
export { parseModel } from './text/parse-model.js';

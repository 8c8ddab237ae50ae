export type { BudgetOptions } from './budget-options.js';
export { compressionRate } from './compression-rate.js';
export type { Initialisation, Random } from './initial-centroids.js';
export { type ClusterOptions, cluster } from './kmeans.js';
export { type ShareWeightsOptions, shareWeightsOptions } from './options.js';
export { shareWeights } from './plugin.js';

export type { DynamicFunctions } from './dynamic-functions.js';
export { type DynamicKernels, joinDynamicKernels, withDynamicKernels } from './dynamic-loader.js';
export {
  type DynamicKernelName,
  type DynamicTable,
  dynamicKernelNames,
  dynamicTable,
} from './dynamic-table.js';
export {
  DYNAMIC_WAYS,
  type DynamicColumns,
  type DynamicConvWeights,
  type DynamicMatrix,
  type DynamicWay,
  dynamicPanelBytes,
  dynamicScratchBytes,
  packConvDynamic,
  packDepthwiseDynamic,
  packMatrixDynamic,
  UNIT_BYTES,
  weightFormatNumber,
} from './pack-dynamic.js';

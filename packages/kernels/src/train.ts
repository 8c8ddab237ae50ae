export type { AllTrainFunctions, TrainFunctions } from './train-functions.js';
export { instantiateTrainKernels, loadTrainKernels, type TrainKernels } from './train-loader.js';
export {
  convInputGradientScratchBytes,
  convWeightGradientScratchBytes,
  convWeightGradientWinogradScratchBytes,
} from './train-scratch.js';
export { type TrainKernelName, type TrainTable, trainKernelNames, trainTable } from './train-table.js';

export { myIdeaCalibrator } from './calibrator.js';
export { myIdea } from './plugin.js';

import { CALIBRATOR, definePlugin, type Plugin } from '@espalier/core';
import { myIdeaCalibrator } from './calibrator.js';

/** `plugins: [myIdea]` installs it; `quantize({ observer: 'my-idea' })` uses it. */
export const myIdea: Plugin = definePlugin({
  id: 'my-idea',
  register(container) {
    container.register(CALIBRATOR, { useValue: myIdeaCalibrator });
  },
});

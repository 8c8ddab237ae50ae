import { definePassPlugin, EXECUTOR, PASS, type PassPlugin, resolveOptional } from '@espalier/core';
import { type RemoveDeadUnitsOptions, removeDeadUnitsOptions } from './remove-dead-units-options.js';
import { REMOVE_DEAD_UNITS, RemoveDeadUnitsPass } from './remove-dead-units-pass.js';

/** Removal of dead units. `plugins: [removeDeadUnits]` installs it, `removeDeadUnits()` is one step. */
export const removeDeadUnits: PassPlugin<RemoveDeadUnitsOptions> = definePassPlugin({
  id: REMOVE_DEAD_UNITS,
  about: 'Takes out neurons and channels that no output depends on.',
  options: removeDeadUnitsOptions,
  register(container) {
    container.register(PASS, {
      useFactory: (run) => new RemoveDeadUnitsPass(resolveOptional(run, EXECUTOR)),
    });
  },
});

import { definePlugin, EXECUTOR } from '@espalier/core';
import { runFixtures } from '@espalier/plugin-kit';
import { RuntimeExecutor } from '@espalier/runtime';
import { prune, pruneChannels, removeDeadUnits } from '../src/index.js';

const executor = new RuntimeExecutor();
const runtime = definePlugin({
  id: 'runtime',
  register: (container) => container.register(EXECUTOR, { useValue: executor }),
});

runFixtures(new URL('./fixtures/', import.meta.url), prune);
// Run again it takes the same share of what is left.
runFixtures(new URL('./fixtures/prune-channels/', import.meta.url), pruneChannels, { idempotent: false });
runFixtures(new URL('./fixtures/remove-dead-units/', import.meta.url), removeDeadUnits, {
  plugins: [runtime],
  executor,
});

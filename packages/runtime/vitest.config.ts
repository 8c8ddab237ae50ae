import { vitestPreset } from '@espalier/config/vitest';

export default vitestPreset({
  globalSetup: ['test/compile-imitations.js'],
  // Whether plain operators are loaded where they are wanted shows only where no other file has loaded them.
  isolate: true,
});

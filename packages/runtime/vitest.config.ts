import { fileURLToPath } from 'node:url';
import { vitestPreset } from '@espalier/config/vitest';

export default vitestPreset({
  globalSetup: [fileURLToPath(new URL('test/compile-imitations.js', import.meta.url))],
  // Whether plain operators are loaded where they are wanted shows only where no other file has loaded them.
  isolate: true,
});

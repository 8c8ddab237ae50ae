import { fileURLToPath } from 'node:url';
import { vitestPreset } from '@espalier/config/vitest';

export default vitestPreset({
  globalSetup: [fileURLToPath(new URL('test/compile-binaries.js', import.meta.url))],
});

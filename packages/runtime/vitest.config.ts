import { vitestPreset } from '@espalier/config/vitest';

export default vitestPreset({ globalSetup: ['test/compile-imitations.js'] });

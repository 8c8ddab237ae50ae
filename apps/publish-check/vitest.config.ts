import { vitestPreset } from '@espalier/config/vitest';

export default vitestPreset();

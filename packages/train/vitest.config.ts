import { vitestPreset } from '@espalier/config/vitest';

// Whether plain operators are loaded where they are wanted shows only where no other file has loaded them.
export default vitestPreset({ isolate: true });

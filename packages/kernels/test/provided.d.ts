import 'vitest';
import type { BinaryTexts } from './variants.js';

declare module 'vitest' {
  interface ProvidedContext {
    binaries: BinaryTexts;
  }
}

import 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    /** base64 of the binary compiled from assembly/ for this run */
    simdWasm: string;
    scalarWasm: string;
  }
}

import 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    /** Binaries as base64. */
    imitations: Readonly<Record<'relaxedSigned' | 'relaxedUnsigned', string>>;
  }
}

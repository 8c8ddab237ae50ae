// Bundled for the browser test: the same few lines that the test runs in Node.
import { compressToFile } from './compress-to-file.js';

declare global {
  var compressInPage: typeof compressToFile;
}

globalThis.compressInPage = compressToFile;

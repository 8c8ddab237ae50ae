import { checkPlugin } from '@espalier/plugin-kit';
import { deepCompressionFormat } from '../src/index.js';
import { storedFile } from './stored-file.js';

checkPlugin(deepCompressionFormat, {
  fixtures: false,
  files: {
    'deep-compression': {
      'layers without entries': storedFile({}),
      'a few entries': storedFile({
        1: [
          { gap: 0, code: 4 },
          { gap: 15, code: 0 },
          { gap: 1, code: 255 },
        ],
        25: [{ gap: 7, code: 200 }],
      }),
    },
  },
});

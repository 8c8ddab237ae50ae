import { bundleForPage } from '@espalier/config/browser';
import fs from 'node:fs';
fs.writeFileSync('/tmp/w/bx.mjs', await bundleForPage(new URL('src/zz.ts', import.meta.url).pathname));

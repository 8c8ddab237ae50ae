import { runFixtures } from '@espalier/plugin-kit';
import { quantize } from '../src/index.js';

runFixtures(new URL('./fixtures/', import.meta.url), quantize);

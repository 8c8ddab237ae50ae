import { runFixtures } from '@espalier/plugin-kit';
import { shareWeights } from '../src/index.js';

runFixtures(new URL('./fixtures/', import.meta.url), shareWeights);

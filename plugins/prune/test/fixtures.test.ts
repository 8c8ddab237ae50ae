import { runFixtures } from '@espalier/plugin-kit';
import { prune } from '../src/index.js';

runFixtures(new URL('./fixtures/', import.meta.url), prune);

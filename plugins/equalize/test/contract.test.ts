import { checkPlugin } from '@espalier/plugin-kit';
import { RuntimeExecutor } from '@espalier/runtime';
import { equalize } from '../src/index.js';
import { bounded, emptied, raised, separable } from './support/models.js';

checkPlugin(equalize, {
  executor: new RuntimeExecutor(),
  models: {
    'layers around a depthwise one': separable(),
    'channels that are all but empty': emptied(),
    'channels of a large bias': raised(),
    'a Relu6 between': bounded(),
    'nothing to equalize': 'input x: float32[1]\ny = Relu(x)\noutput y',
  },
  options: [
    {},
    { ranges: 'all' },
    { relu6: 'within', absorbBiases: true },
    { ranges: 'all', relu6: 'replace', absorbBiases: true },
  ],
});

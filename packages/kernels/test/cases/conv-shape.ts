import type { Geometry } from '../../src/geometry.js';

/** Shape of the weights, and `each`: how many an output channel has. */
export function weightShape(g: Geometry) {
  const { outputChannels, kernelHeight, kernelWidth, groups } = g;
  const channelsPerGroup = g.inputChannels / groups;
  const each = channelsPerGroup * kernelHeight * kernelWidth;
  return { outputChannels, kernelHeight, kernelWidth, groups, channelsPerGroup, each };
}

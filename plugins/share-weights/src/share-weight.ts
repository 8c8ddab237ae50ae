import type { Encoding, PassContext, Weight } from '@espalier/core';
import type { ShareWeightsOptions } from './options.js';
import { sharedEncoding } from './shared-encoding.js';

/** A weight over a codebook of at most 2^bits values, or why it has none. */
export type Shared =
  | { readonly encoding: Encoding }
  | {
      readonly encoding: null;
      readonly because: 'it holds codes already' | 'a codebook costs more than it saves';
    };

/** The same bits give the same encoding whenever it is asked for. */
export function shareWeight(
  weight: Pick<Weight, 'name' | 'axis' | 'encoding'>,
  bits: number,
  { options, random }: PassContext<ShareWeightsOptions>,
): Shared {
  const axis = options.granularity === 'channel' ? weight.axis : null;
  // A stream for each weight: what one draws does not depend on those before it.
  const stream = random.fork(weight.name);
  const encoding = sharedEncoding(weight.encoding, axis, {
    bits,
    init: options.init,
    entropy: options.entropy,
    random: () => stream.next(),
    centroids: options.centroids,
  });
  if (encoding === null) return { encoding, because: 'it holds codes already' };
  if (encoding.byteLength < weight.encoding.byteLength) return { encoding };
  return { encoding: null, because: 'a codebook costs more than it saves' };
}

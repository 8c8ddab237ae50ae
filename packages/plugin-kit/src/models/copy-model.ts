import type { EncodingKind, Model } from '@espalier/core';
import { deserialise, serialise } from '../contract/encoding/round-trip.js';

/** A model that shares no array with another: its constants come back from their bytes. */
export function copyModel(model: Model, kinds: readonly EncodingKind[]): Model {
  const copy = model.clone();
  for (const value of copy.graph.constants) {
    if (value.constant !== null)
      copy.graph.replaceConstant(value, deserialise(serialise(value.constant), kinds));
  }
  return copy;
}

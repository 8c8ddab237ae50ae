import type { Model } from '@espalier/core';
import { InferenceSession } from '@espalier/runtime';
import { type Box, cropToHeight, type Picture, toTensor, turnedAround } from './picture.js';

/** What the classifier says of one line of text. */
export interface Angle {
  /** Whether the line was turned by 180 degrees before it was shown. */
  readonly turned: boolean;
  readonly upsideDown: boolean;
  readonly elapsedMs: number;
}

const half = [0.5, 0.5, 0.5];
const size = { width: 192, height: 48 };

const sessions = new WeakMap<Model, Promise<InferenceSession>>();

/** Shows a classifier one line of a picture, upright or turned around. */
export async function classifyLine(
  model: Model,
  picture: Picture,
  box: Box,
  turned: boolean,
): Promise<Angle> {
  const session = await (sessions.get(model) ?? remember(model));
  const line = await cropToHeight(picture, box, size.height, size.width);
  const input = toTensor(turned ? turnedAround(line) : line, size, half, half);
  const started = performance.now();
  const outputs = await session.run({ [session.inputNames[0] ?? '']: input });
  const elapsedMs = performance.now() - started;
  const [upright = 0, upsideDown = 0] =
    (outputs[session.outputNames[0] ?? '']?.data as Float32Array | undefined) ?? [];
  return { turned, upsideDown: upsideDown > upright, elapsedMs };
}

function remember(model: Model): Promise<InferenceSession> {
  const session = InferenceSession.create(model);
  sessions.set(model, session);
  return session;
}

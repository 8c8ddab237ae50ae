import type { EngineName } from '../engines/engine.js';
import type { Limits } from '../measure/peaks.js';
import type { AgentRequest } from './agent.js';

export type HostName = 'node' | 'chromium';

/** A place where engines run side by side: this process, or one page. */
export interface Host {
  readonly name: HostName;
  /** Node's or Chromium's version. */
  readonly version: string;
  /** Engines that can be started there, with their versions. */
  readonly engines: ReadonlyMap<EngineName, string>;
  /** Makes bytes available under a name. */
  offer(name: string, bytes: Uint8Array): void;
  load(request: AgentRequest): Promise<readonly number[]>;
  warmUp(id: string, milliseconds: number): Promise<void>;
  time(id: string, slotMs: number): Promise<readonly number[]>;
  productMs(id: string, samples: number, runs: number): Promise<number>;
  limits(files: readonly string[], rounds: number): Promise<Limits>;
  release(id: string): Promise<void>;
  close(): Promise<void>;
}

export interface HostOptions {
  /** Of the other engines: theirs are set when an engine is started. */
  readonly peerThreads: number;
  /** Other engines than ours too. */
  readonly peers: boolean;
  /** Of our own engine. */
  readonly version: string;
  /** Told what is missing. */
  readonly say: (line: string) => void;
}

import type { Session } from '../session.js';

/** The work of a command: its session, its arguments, its options. */
export type Work<Flags> = (session: Session, args: readonly string[], flags: Flags) => Promise<void>;

/**
 * Wraps a command's work for commander: makes the session, and lets errors reach `main`.
 * `Flags` is what the command's own options parse to.
 */
export type Run = <Flags>(work: Work<Flags>) => (...parsed: unknown[]) => Promise<void>;

// biome-ignore assist/source/organizeImports: tsyringe throws unless this comes first.
import { hasReflectMetadata } from './reflect.js';
import { type DependencyContainer, type InjectionToken, container as root } from 'tsyringe';
import { InternalError } from '../errors/errors.js';

/** A tsyringe container: the registry of one compressor, or of one run of it. */
export type Container = DependencyContainer;

/** A typed name that a service is registered and found by. */
export type Token<T> = InjectionToken<T>;

/**
 * Makes a token. `Symbol.for` makes two copies of core agree; the function keeps the type, which a
 * bare symbol would lose.
 */
export function token<T>(name: string): Token<T> {
  return Symbol.for(`espalier:${name}`);
}

/** An empty registry that knows nothing of any other. */
export function createContainer(): Container {
  if (!hasReflectMetadata) throw new InternalError({ what: 'The Reflect metadata API was not loaded.' });
  return root.createChildContainer();
}

/** All services under a token; none is fine. (tsyringe's resolveAll throws where there is none.) */
export function resolveAll<T>(container: Container, wanted: Token<T>): readonly T[] {
  return container.isRegistered(wanted, true) ? container.resolveAll(wanted) : [];
}

/** The service under a token, or null. */
export function resolveOptional<T>(container: Container, wanted: Token<T>): T | null {
  return container.isRegistered(wanted, true) ? container.resolve(wanted) : null;
}

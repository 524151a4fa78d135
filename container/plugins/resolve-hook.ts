import type { InitializeHook, ResolveHook } from 'node:module';

/** Node's module customisation hook; it runs in a thread of its own, so it is told what to resolve to. */
interface Shared {
  readonly sdk: string;
  readonly container: string;
}

/** Packages whose objects pass between container and plugin. */
const SHARED_PACKAGES = new Set(['tsyringe', 'reflect-metadata', 'zod']);

let shared: Shared | undefined;

export const initialize: InitializeHook<Shared> = (data) => {
  shared = data;
};

export const resolve: ResolveHook = (specifier, context, nextResolve) => {
  if (!shared) return nextResolve(specifier, context);
  if (specifier === 'sipxrest/sdk') return { url: shared.sdk, shortCircuit: true };
  if (SHARED_PACKAGES.has(specifier)) return nextResolve(specifier, { ...context, parentURL: shared.container });
  return nextResolve(specifier, context);
};

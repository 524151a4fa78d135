/**
 * A base class with the methods of another one, of which it is an instance, but without its constructor: those of sip.js
 * fill every object with others that ours have no use for.
 */
export function methodsOf<Instance>(other: { readonly prototype: Instance }): new () => Instance {
  const base = class {};
  Object.setPrototypeOf(base.prototype, other.prototype as object);
  return base as unknown as new () => Instance;
}

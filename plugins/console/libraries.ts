/** A library's module, as the page loads it. */
interface Library {
  readonly name: string;
  readonly url: URL;
}

const module = (name: string, specifier: string, path?: string): Library => {
  const url = new URL(import.meta.resolve(specifier));
  return { name, url: path === undefined ? url : new URL(path, url) };
};

/** What the modules of `browser/` import by name, from the packages that npm has installed. */
export const LIBRARIES: ReadonlyMap<string, Library> = new Map([
  ['preact', module('preact.js', 'preact')],
  ['preact/hooks', module('preact-hooks.js', 'preact/hooks')],
  ['preact/jsx-runtime', module('preact-jsx-runtime.js', 'preact/jsx-runtime')],
  ['@preact/signals', module('preact-signals.js', '@preact/signals')],
  ['@preact/signals-core', module('preact-signals-core.js', '@preact/signals-core')],
  ['uplot', module('uplot.js', 'uplot', './uPlot.esm.js')],
]);

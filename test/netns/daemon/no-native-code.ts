/** To be preloaded: native code cannot be loaded, as on a processor that koffi was not built for. */
import { registerHooks } from 'node:module';

registerHooks({
  resolve(specifier, context, next) {
    if (specifier === 'koffi') throw new Error('no native code for this machine');
    return next(specifier, context);
  },
});

// Preloaded by `node --require`: writes what the process has loaded to the file that COUNTED_LOADS names.
const { writeFileSync } = require('node:fs');
const { registerHooks } = require('node:module');

const files = [];
registerHooks({
  load(url, context, next) {
    if (url.startsWith('file:')) files.push(url);
    return next(url, context);
  },
});
process.on('exit', () => {
  const builtins = process.moduleLoadList
    .filter((each) => each.startsWith('NativeModule '))
    .map((each) => each.slice('NativeModule '.length));
  writeFileSync(process.env.COUNTED_LOADS, JSON.stringify({ files, builtins }));
});

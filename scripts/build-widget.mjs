// Joins the widget's modules into the one file that a shop's page fetches behind widget.js: `node scripts/build-widget.mjs dist`. Run by build.mjs.
import { bundle, minify } from '@swc/core';
import { rmSync, writeFileSync } from 'node:fs';
import { root } from './ensure-installed.mjs';

const output = `${root}${process.argv[2]}/channels/web/page/widget/start.js`;
const { start } = await bundle({
  entry: { start: `${root}channels/web/page/widget/start.ts` },
  output: { name: 'start', path: root },
  module: {},
  mode: 'production',
  target: 'browser',
  options: { swcrc: false, jsc: { parser: { syntax: 'typescript' }, target: 'es2022' } },
});
const { code } = await minify(start.code, { module: true, ecma: 2022, compress: { passes: 2 }, mangle: { toplevel: true } });
writeFileSync(output, code);
rmSync(`${output}.map`, { force: true }); // it told of the file that was here

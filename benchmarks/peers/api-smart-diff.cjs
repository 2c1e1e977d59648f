// Prints the differences of two documents that api-smart-diff finds, as JSON: node api-smart-diff.cjs NODE_MODULES OLD NEW
const { createRequire } = require("node:module");
const { readFileSync } = require("node:fs");
const [modules, ...files] = process.argv.slice(2);
const need = createRequire(`${modules}/`);
const [before, after] = files.map((file) => need("js-yaml").load(readFileSync(file, "utf8")));
console.log(JSON.stringify(need("api-smart-diff").apiCompare(before, after).diffs));

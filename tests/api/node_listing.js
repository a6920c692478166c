'use strict';
/**
 * The public API of the Node package: its declarations without their comments, one a line, and a check that the package has at run time
 * exactly the values and members it declares. Prints the listing; ends with 1 and the differences when there are any.
 */

const fs = require('node:fs');
const path = require('node:path');

const folder = path.join(__dirname, '..', '..', 'bindings-node');
const differences = [];

/** The declarations of a file, one line each, members indented. */
function declarations(file) {
  const lines = fs.readFileSync(path.join(folder, file), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '').split('\n');
  const joined = [];
  let open = 0;
  for (const line of lines.filter((one) => one.trim())) {
    const deeper = (line.match(/[([]/g) ?? []).length - (line.match(/[)\]]/g) ?? []).length;
    // A list in brackets, and a union, go on over several lines.
    if (open > 0 || /^\s*\|/.test(line)) joined[joined.length - 1] += ` ${line.trim()}`;
    else joined.push(line.trimEnd());
    open += deeper;
  }
  return joined.map((line) => line.replaceAll('( ', '(').replace(/,? \)/g, ')').replace('= | ', '= '));
}

/** Names declared as values, and for each class its members and static members. */
function declaredValues(lines) {
  const values = new Map();
  let members;
  for (const line of lines) {
    const head = line.match(/^export (?:declare )?(?:const|function|class) (\w+)/);
    if (head) {
      members = new Set();
      values.set(head[1], members);
    } else if (!line.startsWith(' ')) members = undefined;
    const member = line.match(/^ {2}(static )?(?:readonly |get )*(?:\[([\w.]+)\]|(\w+))/);
    if (member && members && member[3] !== 'constructor' && !/^ {2}private /.test(line)) members.add((member[1] ?? '') + (member[2] ?? member[3]));
  }
  return values;
}

/** Node 20 has its own `Symbol.dispose`. Not listed: a symbol of this package, which is for its own tests, and how Node's console shows a value. */
const nameOf = (key) => (typeof key === 'symbol' ? key.description.replace(/^nodejs\./, 'Symbol.') : key);
const own = (object) => Reflect.ownKeys(object).map(nameOf).filter((name) => !/^(constructor|prototype|length|name|_.*)$|^hogwire\.|inspect\.custom$/.test(name));

function compare(what, declared, real) {
  for (const name of declared) if (!real.has(name)) differences.push(`${what} ${name} is declared, and is not there`);
  for (const name of real) if (!declared.has(name)) differences.push(`${what} ${name} is there, and is not declared`);
}

for (const [file, module] of [['index.d.ts', 'index.js'], ['testing.d.ts', 'testing.js']]) {
  const lines = declarations(file);
  const exports = require(path.join(folder, module));
  const values = declaredValues(lines);
  compare(module, new Set(values.keys()), new Set(Object.keys(exports)));
  for (const [name, members] of values) {
    const value = exports[name];
    if (typeof value !== 'function' || !/^class\b/.test(Function.prototype.toString.call(value))) continue;
    const isMethod = (member) => lines.some((line) => new RegExp(`^ {2}(static )?(get )?\\[?([\\w.]+\\.)?${member.split('.').pop()}\\]?[(<]`).test(line));
    // Fields are set by constructors; only methods stand on the class.
    const declared = new Set([...members].map((member) => member.replace('static ', '')).filter(isMethod));
    const real = new Set([...own(value), ...own(value.prototype)]);
    for (const member of declared) if (!real.has(member)) differences.push(`${name}.${member} is declared, and is not there`);
    for (const member of real) if (![...members].some((one) => one.replace('static ', '') === member)) differences.push(`${name}.${member} is there, and is not declared`);
  }
  process.stdout.write(`${module}\n${lines.map((line) => `  ${line}\n`).join('')}`);
}
if (differences.length > 0) {
  process.stderr.write(`${differences.join('\n')}\n`);
  process.exitCode = 1;
}

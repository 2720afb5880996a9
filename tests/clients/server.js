// SPDX-License-Identifier: MIT
// A broadsheet server of its own for a test file: a database in a temporary folder, articles imported into it, a free port.
'use strict';

const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const root = path.join(__dirname, '..', '..');
const program = path.resolve(root, process.env.BROADSHEET || 'build/broadsheet');
const sample = path.join(root, 'static', 'sample', 'articles.ndjson');

// Resolves with the address that the server prints once it listens.
function address(child) {
  return new Promise((resolve, reject) => {
    let printed = '', log = '';
    const timer = setTimeout(() => reject(new Error(`the server is not there after 20 s: ${printed}${log}`)), 20000);

    child.stdout.on('data', bytes => {
      printed += bytes;
      const found = /serves (http:\S+?)\/\s/.exec(printed);
      if (found) { clearTimeout(timer); resolve(found[1]); }
    });
    child.stderr.on('data', bytes => { log += bytes; });
    child.on('exit', status => { clearTimeout(timer); reject(new Error(`the server ended with ${status}: ${log}`)); });
  });
}

// `articles` are objects in the shape of the API, imported after the files; `keys` names keys with their scopes. Gives { base, database, keys, stop, … }.
async function startServer({ files = [], articles = [], args = [], keys = {} } = {}) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'broadsheet-clients-'));
  const database = path.join(folder, 'articles.db');
  const own = path.join(folder, 'own.ndjson');

  if (articles.length > 0) {
    fs.writeFileSync(own, articles.map(article => JSON.stringify(article) + '\n').join(''));
    files = [...files, own];
  }
  for (const file of files) {
    const done = spawnSync(program, ['import', '--database', database, file], { encoding: 'utf8' });
    if (done.status !== 0) throw new Error(`import of ${file}: ${done.error || done.signal || ""} ${done.stdout}${done.stderr}`);
  }
  const made = {};
  for (const [name, scopes] of Object.entries(keys)) {
    const done = spawnSync(program, ['key', 'add', '--database', database, '--name', name, '--scope', scopes], { encoding: 'utf8' });
    if (done.status !== 0) throw new Error(`key ${name}: ${done.stderr}`);
    made[name] = done.stdout.trim();
  }
  let child, ended;
  const start = listen => {
    child = spawn(program, ['serve', '--database', database, '--listen', listen, '--admin-listen', 'none', ...args]);
    ended = new Promise(resolve => child.on('exit', resolve));
    return address(child);
  };
  const halt = () => {
    child.kill('SIGTERM');
    return ended;
  };
  const stop = async () => {
    const status = await halt();
    fs.rmSync(folder, { recursive: true, force: true });
    return status;
  };
  // Beside the running server, or while it is halted.
  const add = more => {
    const done = spawnSync(program, ['import', '--database', database, '-'], { encoding: 'utf8', input: more.map(article => JSON.stringify(article) + '\n').join('') });
    if (done.status !== 0) throw new Error(`import: ${done.stdout}${done.stderr}`);
  };

  try {
    const base = await start('127.0.0.1:0');
    return { base, database, keys: made, stop, halt, add, resume: () => start(new URL(base).host) };
  } catch (error) {
    await stop();
    throw error;
  }
}

// A key with these scopes, as `broadsheet key add` prints it.
function addKey(database, name, scopes) {
  const done = spawnSync(program, ['key', 'add', '--database', database, '--name', name, '--scope', scopes], { encoding: 'utf8' });

  if (done.status !== 0) throw new Error(`key add: ${done.stdout}${done.stderr}`);
  return done.stdout.trim();
}

module.exports = { addKey, startServer, sample, root };

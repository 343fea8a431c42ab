// Writes src/wire/openapi.ts, the wire objects of the Python side as TypeScript. It needs the Python
// of the development environment, and no network. With --check it only compares and fails when the
// file is out of date; `jlpm types` and tests/api/test_openapi.py run it.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import openapiTS, { astToString } from 'openapi-typescript';

const TARGET = fileURLToPath(new URL('../src/wire/openapi.ts', import.meta.url));
const HEAD = '// Generated from the OpenAPI document of the server by `jlpm types`. Do not edit.\n';
const PROGRAM =
  'import json; from jupyter_assistants.api.openapi import document; print(json.dumps(document()))';

const python = process.env.PYTHON ?? 'python';
const printed = execFileSync(python, ['-c', PROGRAM], { encoding: 'utf-8', maxBuffer: 2 ** 26 });
// Texts are left out: a reworded docstring in Python must not make this file out of date.
const { openapi, info, components } = JSON.parse(printed, (name, value) =>
  name === 'description' && typeof value === 'string' ? undefined : value
);
// The panel's client has a method for each operation; only the objects are generated.
const ast = await openapiTS(
  { openapi, info, paths: {}, components },
  { defaultNonNullable: false, exportType: true }
);
const types = HEAD + astToString(ast);
if (!process.argv.includes('--check')) {
  writeFileSync(TARGET, types);
} else if (types !== readFileSync(TARGET, 'utf-8')) {
  console.error('src/wire/openapi.ts is out of date. Run: jlpm types');
  process.exit(1);
}

import { readFileSync } from 'fs';
import { join } from 'path';
import { withOwnPaths } from '../../src/wire/ownPaths';

/** What the Python side is tested on too. */
const CASES: [string, string][] = JSON.parse(
  readFileSync(
    join(__dirname, '..', '..', '..', 'tests', 'data', 'own_paths.json'),
    'utf-8'
  )
);

test.each(CASES)('code names files as a cell of the person does: %s', (code, shown) => {
  expect(withOwnPaths(code)).toBe(shown);
});

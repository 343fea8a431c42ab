import { readFileSync } from 'fs';
import { join } from 'path';
import { DEFAULTS, Preferences, sends } from '../../src/panels/main/preferences';

const key = (fields: object): any => ({
  key: 'Enter',
  shiftKey: false,
  ctrlKey: false,
  metaKey: false,
  ...fields
});

test('the schema of the settings has the same names and defaults', () => {
  const path = join(__dirname, '..', '..', 'schema', 'plugin.json');
  const { properties } = JSON.parse(readFileSync(path, 'utf-8'));
  const defaults = Object.entries<{ default: unknown }>(properties).map(
    ([name, property]) => [name, property.default]
  );
  expect(Object.fromEntries(defaults)).toEqual(DEFAULTS);
});

test.each([
  [{}, true, true],
  [{}, false, false],
  [{ ctrlKey: true }, false, true],
  [{ metaKey: true }, false, true],
  [{ shiftKey: true }, true, false],
  [{ key: 'a' }, true, false]
])('the key %j, with Enter sending: %s, sends: %s', (fields, onEnter, expected) => {
  expect(sends(key(fields), onEnter)).toBe(expected);
});

test('the pace follows the setting, within reason', () => {
  const preferences = new Preferences();
  expect(preferences.pace).toBe(83);
  preferences.set({ drawsPerSecond: 1 });
  expect(preferences.pace).toBe(1000);
  preferences.set({ drawsPerSecond: 0 });
  expect(preferences.pace).toBe(1000);
});

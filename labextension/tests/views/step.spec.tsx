/** @jest-environment jsdom */
import { screen } from '@testing-library/react';
import * as React from 'react';
import { StepCard } from '../../src/renderers/StepCard';
import { CallEntry } from '../../src/wire/transcript';
import { renderInPanel } from '../support/views';

const CALL: CallEntry = {
  id: 'call_1',
  step_id: 'step_1',
  kind: 'code_interpreter',
  status: 'completed',
  result: 'ok',
  name: '',
  code: 'print(1)',
  outputs: [],
  output: null,
  files: [],
  seconds: 0.25,
  note: null,
  place: null,
  error: null,
  changes: null,
  search: null,
  type: 'call'
};

function shown(fields: Partial<CallEntry>, live = false): HTMLElement {
  const undo = async (): Promise<void> => undefined;
  const element = <StepCard call={{ ...CALL, ...fields }} live={live} undo={undo} />;
  return renderInPanel(element).container;
}

const title = (card: HTMLElement): string =>
  card.querySelector('.jp-Assistants-callTitle')!.textContent!;

test.each([
  ['code that ran', {}, 'Ran Python'],
  ['code that failed', { result: 'error' }, 'Python raised an error'],
  ['code of another language', { name: 'R' }, 'Ran R'],
  [
    'failed code of another language',
    { name: 'R', result: 'error' },
    'R raised an error'
  ],
  [
    'stopped code of another language',
    { name: 'Julia', result: 'interrupted' },
    'Julia was stopped'
  ],
  [
    'slow code of another language',
    { name: 'bash', result: 'timeout' },
    'Bash took too long'
  ],
  ['code that was rejected', { result: 'rejected' }, 'Rejected'],
  ['a search', { kind: 'file_search', result: null }, 'Searched files'],
  ['a function', { kind: 'function', name: 'weather' }, 'Function weather'],
  ['a tool of another package', { kind: 'clock', code: '' }, 'Tool clock'],
  ['a tool named like a property', { kind: 'constructor' }, 'Tool constructor']
])('%s has its title', (_, fields, expected) => {
  expect(title(shown(fields))).toBe(expected);
});

test('code that runs is unfolded, and folded when it has ended', () => {
  const running = shown({ status: 'in_progress', result: null }, true);
  expect(title(running)).toBe('Python …');
  expect(running.querySelector('details')!.open).toBe(true);
  const bash = shown({ status: 'in_progress', result: null, name: 'bash' }, true);
  expect(title(bash)).toBe('Bash …');
  expect(shown({}).querySelector('details')!.open).toBe(false);
});

test('outputs and notes of a call are shown', async () => {
  const text = { output_type: 'stream', name: 'stdout', text: 'one' };
  const card = shown({ outputs: [text], note: 'It was cut.' });
  expect(screen.getByRole('group', { name: 'Outputs' })).toBeTruthy();
  expect(card.textContent).toContain('It was cut.');
  expect(card.textContent).toContain('0.3 s');
});

test('what may load something is shown only when it is asked for', () => {
  const data = {
    'application/vnd.map+json': { tiles: 'https://x' },
    'text/plain': 'map'
  };
  shown({ outputs: [{ output_type: 'display_data', data, metadata: {} }] });
  const name = /Show as application\/vnd.map\+json/;
  expect(screen.getByRole('button', { name })).toBeTruthy();
});

test('a search names its queries and each file once', () => {
  const results = [{ file_name: 'a.md' }, { file_name: 'a.md' }, { file_name: 'b.md' }];
  const search = { queries: ['otto'], number: 1, results };
  const card = shown({ kind: 'file_search', search });
  expect(card.textContent).toContain('otto');
  expect(card.textContent).toContain('a.md, b.md');
});

test('changes can be undone as long as they are kept', () => {
  const none = { new: [], changed: [], deleted: [] };
  const changes = { variables: { ...none, new: ['x'] }, files: none, note: '' };
  const full = shown({ changes: { ...changes, undo: 'full' } });
  expect(full.textContent).toContain('new: x');
  expect(screen.getByRole('button', { name: 'Undo' })).toBeTruthy();
  expect(shown({ changes: { ...changes, undo: 'undone' } }).textContent).toContain(
    'undone'
  );
});

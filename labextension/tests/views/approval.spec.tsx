/** @jest-environment jsdom */
import { act, fireEvent, screen } from '@testing-library/react';
import * as React from 'react';
import { ApprovalCard } from '../../src/panels/approval/view';
import { panelContext, renderInPanel } from '../support/views';

const ARGUMENTS = {
  code: 'print(1)',
  sha256: 'abc',
  hints: ['writes files (line 1)'],
  kernel_id: 'k',
  max_approval: 'auto'
};

/** Render the card for a call; what is answered ends up in the returned list. */
function shown(fields: object = {}): unknown[] {
  const answers: unknown[] = [];
  const call = {
    id: 'call_1',
    name: 'approve_code',
    arguments: JSON.stringify({ ...ARGUMENTS, ...fields })
  };
  const thread = {
    answer: async (_: unknown, outputs: { output: string }[]) => {
      answers.push(...outputs.map(each => JSON.parse(each.output)));
    }
  };
  renderInPanel(
    <ApprovalCard call={call} run={{} as never} thread={thread as never} />,
    panelContext()
  );
  return answers;
}

const button = (name: string): HTMLElement => screen.getByRole('button', { name });

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

async function click(name: string): Promise<void> {
  await act(async () => {
    fireEvent.click(button(name), { detail: 1 });
  });
}

test('it shows the code and what to look at, and a click approves exactly that code', async () => {
  const answers = shown();
  expect(screen.getByLabelText('Code').textContent).toBe('print(1)');
  expect(screen.getByText('writes files (line 1)')).toBeTruthy();
  await click('Run');
  expect(answers).toEqual([{ approved: true, sha256: 'abc' }]);
});

test('a key that was pressed before the code was seen runs nothing', async () => {
  const answers = shown();
  expect(document.activeElement).toBe(button('Run'));
  await act(async () => void fireEvent.click(button('Run'), { detail: 0 }));
  expect(answers).toEqual([]);
  await act(async () => void jest.advanceTimersByTime(500));
  await act(async () => void fireEvent.click(button('Run'), { detail: 0 }));
  expect(answers).toEqual([{ approved: true, sha256: 'abc' }]);
});

test('Escape rejects with the reason that was typed', async () => {
  const answers = shown();
  const reason = screen.getByLabelText('Reason for the rejection, sent to the model');
  fireEvent.change(reason, { target: { value: 'not now' } });
  await act(async () => void fireEvent.keyDown(reason, { key: 'Escape' }));
  expect(answers).toEqual([{ approved: false, reason: 'not now' }]);
});

test.each([
  ['auto', 1],
  ['always', 1],
  ['ask', 0]
])('with the limit %s there are %i buttons for the whole thread', (limit, count) => {
  shown({ max_approval: limit });
  const always = screen.queryAllByRole('button', { name: 'Always in this thread' });
  expect(always.length).toBe(count);
});

test('hidden characters are shown by their numbers and named', () => {
  shown({ code: 'a\u202eb' });
  expect(screen.getByLabelText('Code').textContent).toBe('a⟨U+202E⟩b');
  expect(screen.getByRole('alert').textContent).toContain('⟨U+202E⟩ on line 1');
});

test('it names the language of a kernel that is not Python', () => {
  shown({ language: 'R' });
  expect(screen.getByText('Run this R code in your kernel?')).toBeTruthy();
});

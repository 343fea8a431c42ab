/** @jest-environment jsdom */
import { act, cleanup, fireEvent, screen } from '@testing-library/react';
import * as React from 'react';
import { ApprovalForm } from '../../src/panels/approval/view';
import { codeField, panelContext, renderInPanel } from '../support/views';

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
    <ApprovalForm call={call} run={{} as never} thread={thread as never} />,
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

test('it says where code runs: in your kernel, or outside a sandbox in one of the thread', () => {
  shown();
  expect(screen.getByText('Run this Python code in your kernel?')).toBeTruthy();
  cleanup();
  shown({ own_kernel: true });
  expect(screen.getByText('Run this Python code outside a sandbox?')).toBeTruthy();
  expect(screen.getByText(/it can do whatever you can do/)).toBeTruthy();
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
  await click('Reject…');
  const reason = screen.getByLabelText('Reason for the rejection, sent to the model');
  expect(document.activeElement).toBe(reason);
  fireEvent.change(reason, { target: { value: 'not now' } });
  await act(async () => void fireEvent.keyDown(reason, { key: 'Escape' }));
  expect(answers).toEqual([{ approved: false, reason: 'not now' }]);
});

test('code that was not whole in view runs neither by a click nor by a key', async () => {
  const answers = shown();
  await act(async () => codeField.onUnread({ lines: 12, cut: 0 }));
  await click('Run');
  await act(async () => void jest.advanceTimersByTime(5000));
  await act(async () => void fireEvent.click(button('Run'), { detail: 0 }));
  expect(answers).toEqual([]);
  expect(button('Run').title).toBe('Read all of the code first');
  expect((button('More ways to run') as HTMLButtonElement).disabled).toBe(true);
  await click('12 more lines ↓');
  await click('Run');
  expect(answers).toEqual([{ approved: true, sha256: 'abc' }]);
});

test('keys wait for a moment after the last part came into view', async () => {
  const answers = shown();
  await act(async () => codeField.onUnread({ lines: 1, cut: 1 }));
  // A line that is cut is wrapped at once; whoever does not want that scrolls to the right.
  expect(button('Wrap lines').getAttribute('aria-pressed')).toBe('true');
  await click('Wrap lines');
  await act(async () => void jest.advanceTimersByTime(5000));
  await click('1 line goes on →');
  expect(document.activeElement).toBe(button('Run'));
  await act(async () => void fireEvent.click(button('Run'), { detail: 0 }));
  expect(answers).toEqual([]);
  await act(async () => void jest.advanceTimersByTime(500));
  await act(async () => void fireEvent.click(button('Run'), { detail: 0 }));
  expect(answers.length).toBe(1);
});

test.each([
  ['auto', 1],
  ['always', 1],
  ['ask', 0]
])('with the limit %s there are %i menus for the whole thread', (limit, count) => {
  shown({ max_approval: limit });
  const menus = screen.queryAllByRole('button', { name: 'More ways to run' });
  expect(menus.length).toBe(count);
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

test.each([
  [
    'a line that goes on behind a carriage return',
    '# fine\rimport os',
    '# fine⟨U+000D⟩import os'
  ],
  ['a separator that only IPython takes for a new line', '#\u2028!ls', '#⟨U+2028⟩!ls'],
  [
    'a form feed, a vertical tab and a next line',
    'a\f\v\x85b',
    'a⟨U+000C⟩⟨U+000B⟩⟨U+0085⟩b'
  ],
  ['a terminal sequence', '#\x1b[8mx\x1b[0m', '#⟨U+001B⟩[8mx⟨U+001B⟩[0m'],
  [
    'a string with nothing in sight',
    "'\u200b\u2060\u3164'",
    "'⟨U+200B⟩⟨U+2060⟩⟨U+3164⟩'"
  ],
  ['words in tags', "'\u{e0061}\u{e0062}'", "'⟨U+E0061⟩⟨U+E0062⟩'"],
  ['blanks that are no spaces', 'a\u00a0=\u30001', 'a⟨U+00A0⟩=⟨U+3000⟩1'],
  ['selectors that carry bytes', "'a\ufe01\u{e0100}'", "'a⟨U+FE01⟩⟨U+E0100⟩'"]
])('it shows %s', async (_, code, shownCode) => {
  const answers = shown({ code });
  expect(screen.getByLabelText('Code').textContent).toBe(shownCode);
  expect(screen.getByRole('alert').textContent).toContain('Hidden characters');
  // What runs is the code of the question, and the hash says so.
  await click('Run');
  expect(answers).toEqual([{ approved: true, sha256: 'abc' }]);
});

test.each([
  ['magics', '%%bash\nrm -r x'],
  ['shell lines', '!rm -r x'],
  ['letters of another script', 'p\u0430ss = 1'],
  ['code far to the right', `x = 1${' '.repeat(5000)}; y = 2`],
  ['a megabyte', `x = '${'A'.repeat(1_000_000)}'; y = 2`]
])('it shows %s whole', (_, code) => {
  shown({ code });
  expect(screen.getByLabelText('Code').textContent).toBe(code);
});

test('findings stand at their lines', () => {
  const findings = [
    { kind: 'writes files', lines: [1, 3] },
    { kind: 'network', lines: [3] }
  ];
  shown({ code: 'a\nb\nc', findings });
  expect(codeField.notes).toEqual([
    { line: 1, text: 'writes files' },
    { line: 3, text: 'writes files · network' }
  ]);
});

/** @jest-environment jsdom */
import { act, fireEvent, screen } from '@testing-library/react';
import * as React from 'react';
import { PanelContext } from '../../src/base/context';
import { Composer } from '../../src/panels/composer/view';
import { Prompt } from '../../src/panels/chat/model';
import { panelContext, renderInPanel } from '../support/views';

/** Render the composer; messages that are sent end up in the returned list. */
function shown(): { context: PanelContext; sent: Prompt[] } {
  localStorage.clear();
  const context = panelContext();
  const sent: Prompt[] = [];
  context.panel.send = async prompt => {
    sent.push(prompt);
    return true;
  };
  renderInPanel(<Composer />, context);
  return { context, sent };
}

const field = (): HTMLTextAreaElement => screen.getByLabelText('Message');
const send = (): HTMLButtonElement => screen.getByRole('button', { name: 'Send' });

async function type(value: string): Promise<void> {
  await act(async () => void fireEvent.change(field(), { target: { value } }));
}

async function press(key: object): Promise<void> {
  await act(async () => void fireEvent.keyDown(field(), key));
}

test('Enter sends what was typed and empties the field; Shift-Enter does not', async () => {
  const { sent } = shown();
  expect(send().disabled).toBe(true);
  await type('hello');
  await press({ key: 'Enter', shiftKey: true });
  expect(sent).toEqual([]);
  await press({ key: 'Enter' });
  expect(sent).toEqual([
    { content: [{ type: 'text', text: 'hello' }], attachments: [] }
  ]);
  expect(field().value).toBe('');
});

test('where Enter does not send, Ctrl-Enter does', async () => {
  const { context, sent } = shown();
  context.panel.preferences.set({ sendOnEnter: false });
  await type('hello');
  await press({ key: 'Enter' });
  expect(sent).toEqual([]);
  await press({ key: 'Enter', ctrlKey: true });
  expect(sent.length).toBe(1);
});

test('a slash offers commands, and Escape closes the list', async () => {
  shown();
  await type('/th');
  const list = screen.getByRole('listbox', { name: 'Suggestions' });
  const options = [...list.children];
  expect(options.map(each => each.textContent)).toEqual(['threadsShow all threads']);
  expect(field().getAttribute('aria-activedescendant')).toBe(options[0].id);
  await press({ key: 'Escape' });
  expect(screen.queryByRole('listbox')).toBeNull();
});

test('an upload that fails says why, and nothing is sent with it', async () => {
  const { context, sent } = shown();
  context.panel.client.createFile = () => Promise.reject(new Error('Too large.'));
  await act(() => context.panel.composer.attach(new Blob(['x']), 'a.csv'));
  await type('look at this');
  expect(screen.getByRole('alert').textContent).toBe('Too large.');
  expect(send().disabled).toBe(true);
  await press({ key: 'Enter' });
  expect(sent).toEqual([]);
  await act(async () => {
    fireEvent.click(screen.getByRole('button', { name: 'Remove a.csv' }));
  });
  expect(send().disabled).toBe(false);
});

test('a command puts its question into the field and the focus with it', async () => {
  const { context } = shown();
  await act(async () => context.panel.composer.propose('Explain this cell.'));
  expect(field().value).toBe('Explain this cell.');
  expect(document.activeElement).toBe(field());
});

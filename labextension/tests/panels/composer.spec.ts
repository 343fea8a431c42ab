import { ComposerModel, promptOf } from '../../src/panels/composer/model';
import { Drafts, DraftStorage } from '../../src/panels/composer/drafts';
import { AssistantsClient } from '../../src/wire/client';

class Shelf implements DraftStorage {
  kept = new Map<string, string>();
  getItem(key: string): string | null {
    return this.kept.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    this.kept.set(key, value);
  }
  removeItem(key: string): void {
    this.kept.delete(key);
  }
}

function composer(shelf = new Shelf(), fails = false): ComposerModel {
  let number = 0;
  const client = new AssistantsClient(async () =>
    fails
      ? new Response(JSON.stringify({ error: { message: 'too large' } }), {
          status: 413
        })
      : new Response(JSON.stringify({ id: `file-${++number}` }))
  );
  const model = new ComposerModel(client, new Drafts(shelf));
  model.openDraft('new');
  return model;
}

const CELL = {
  id: 'c1',
  index: 0,
  type: 'code' as const,
  source: 'x = 1',
  count: 3,
  output: '1',
  error: '',
  language: 'python'
};

test('a draft and what is attached to it are there again', async () => {
  const shelf = new Shelf();
  const first = composer(shelf);
  first.write('half a tho');
  await first.attach(new Blob(['a'], { type: 'text/csv' }), 'a.csv');
  first.attachCell(CELL, 'n.ipynb');
  const second = composer(shelf);
  expect(second.text).toBe('half a tho');
  expect(second.attached.map(({ name, fileId }) => [name, fileId])).toEqual([
    ['a.csv', 'file-1'],
    ['cell [3]', '']
  ]);
});

test('each thread has a draft of its own', () => {
  const model = composer();
  model.write('for a new one');
  model.openDraft('thread_1');
  expect(model.text).toBe('');
  model.write('for the first');
  model.openDraft('new');
  expect(model.text).toBe('for a new one');
});

test('what could not be sent is put back', () => {
  const model = composer();
  model.write(' hello ');
  expect(model.takePrompt().content).toEqual([{ type: 'text', text: 'hello' }]);
  expect(model.text).toBe('');
  model.restore();
  expect(model.text).toBe(' hello ');
});

test('nothing is sent before its files are there', async () => {
  const model = composer();
  model.write('look');
  const uploading = model.attach(new Blob(['a']), 'a.bin');
  expect(model.ready).toBe(false);
  await uploading;
  expect(model.ready).toBe(true);
});

test('an upload that fails says why and holds the message back', async () => {
  const model = composer(new Shelf(), true);
  model.write('look');
  await model.attach(new Blob(['a']), 'a.bin');
  expect(model.attached[0]).toMatchObject({ state: 'failed', error: 'too large' });
  expect(model.ready).toBe(false);
  model.remove(model.attached[0].key);
  expect(model.ready).toBe(true);
});

test('files, images and cells go into their parts of the message', () => {
  const rest = { state: 'ready' as const, error: '', text: '' };
  const prompt = promptOf('look', [
    { ...rest, key: 0, kind: 'file', name: 'a.csv', fileId: 'f1' },
    { ...rest, key: 1, kind: 'file', name: 'a.pdf', fileId: 'f2' },
    { ...rest, key: 2, kind: 'image', name: 'a.png', fileId: 'f3' },
    { ...rest, key: 3, kind: 'cell', name: 'cell [3]', fileId: '', text: 'From …' }
  ]);
  expect(prompt.content).toEqual([
    { type: 'text', text: 'look' },
    { type: 'image_file', image_file: { file_id: 'f3' } },
    { type: 'text', text: 'From …' }
  ]);
  expect(prompt.attachments).toEqual([
    { file_id: 'f1', tools: [{ type: 'code_interpreter' }] },
    { file_id: 'f2', tools: [{ type: 'code_interpreter' }, { type: 'file_search' }] },
    { file_id: 'f3', tools: [{ type: 'code_interpreter' }] }
  ]);
});

test('words of others come behind what is there, and ask for the focus', () => {
  const model = composer();
  model.write('mine');
  model.propose('theirs');
  expect(model.text).toBe('mine\ntheirs');
  expect(model.focusRequests).toBe(1);
});

test('a storage that is full loses nothing that is on the screen', () => {
  const shelf = new Shelf();
  shelf.setItem = () => {
    throw new Error('full');
  };
  const model = composer(shelf);
  model.write('text');
  expect(model.text).toBe('text');
});

import { ThreadModel } from '../../src/panels/chat/model';
import { RunModel } from '../../src/panels/chat/run';
import type { Thread } from '../../src/wire/types';
import { Api, until } from '../support/api';

const open: ThreadModel[] = [];
afterEach(() => open.splice(0).forEach(each => each.dispose()));

async function opened(api: Api): Promise<ThreadModel> {
  const model = new ThreadModel(api.client, api.thread as Thread);
  open.push(model);
  await model.open();
  await until(() => api.followed);
  return model;
}

const shown = (model: ThreadModel): string[] => model.items.map(item => item.id);

test('messages and runs stand in the order in which they came', async () => {
  const api = new Api();
  api.messages = [
    api.message('m1', 'user'),
    api.message('m2', 'assistant', { run_id: 'run_1' }),
    api.message('m3', 'user'),
    api.message('m5', 'user')
  ];
  api.runs = [api.run('run_1', 'completed', 2), api.run('run_2', 'failed', 4)];
  const model = await opened(api);
  expect(shown(model)).toEqual(['m1', 'run_1', 'm3', 'run_2', 'm5']);
  expect(model.active).toBeNull();
});

test('a message that is sent stands there, and its run goes on', async () => {
  const api = new Api();
  const model = await opened(api);
  await model.send({ content: 'hello' }, { assistant_id: 'a' });
  expect(shown(model)).toEqual(['m1', 'run_1']);
  expect(model.active?.id).toBe('run_1');
  api.tell('thread.run.completed', api.run('run_1', 'completed'), 'run_1:5');
  await until(() => model.active === null);
});

test('a run of somebody else comes with its question', async () => {
  const api = new Api();
  const model = await opened(api);
  api.messages.push(api.message('m7', 'user'));
  api.tell('thread.run.created', api.run('run_9', 'queued'), 'run_9:0');
  await until(() => shown(model).length === 2);
  expect(shown(model)).toEqual(['m7', 'run_9']);
  expect(model.active?.id).toBe('run_9');
});

test('what is above is read page by page, and nothing is there twice', async () => {
  const api = new Api();
  api.messages = Array.from({ length: 100 }, (_, number) =>
    api.message(`m${number + 1}`, 'user')
  );
  const model = await opened(api);
  expect(shown(model).length).toBe(40);
  expect(model.hasEarlier).toBe(true);
  await model.readEarlier();
  await model.readEarlier();
  expect(shown(model)).toEqual(api.messages.map(each => each.id));
  expect(model.hasEarlier).toBe(false);
});

test('the question of an answer is the message in front of it', async () => {
  const api = new Api();
  api.messages = [
    api.message('m1', 'user'),
    api.message('m2', 'assistant', { run_id: 'run_1' }),
    api.message('m3', 'user')
  ];
  api.runs = [api.run('run_1', 'completed', 2)];
  const model = await opened(api);
  const [, item] = model.items;
  expect(item.kind === 'run' && model.questionOf(item.run)?.id).toBe('m1');
});

test('pairs of the metadata are replaced, and removed by an empty value', async () => {
  const api = new Api();
  api.thread.metadata = { title: 'a', kernel: 'k' };
  const model = await opened(api);
  await model.annotate({ title: 'b', kernel: '' });
  expect(model.thread.metadata).toEqual({ title: 'b' });
});

test('views are told of many pieces of text a few times only', async () => {
  const api = new Api();
  const model = await opened(api);
  const message = {
    ...api.message('m1', 'assistant', { run_id: 'run_1' }),
    content: []
  };
  api.tell('thread.run.in_progress', api.run('run_1', 'in_progress'), 'run_1:0');
  api.tell('thread.message.created', { ...message, status: 'in_progress' }, 'run_1:1');
  await until(() => model.active !== null && model.active.view.entries.length === 1);
  const run = model.active!;
  let told = 0;
  run.changed.connect(() => (told += 1));
  for (let number = 0; number < 500; number++) {
    const piece = { index: 0, type: 'text', text: { value: 'word ' } };
    const delta = {
      id: 'm1',
      object: 'thread.message.delta',
      delta: { content: [piece] }
    };
    api.tell('thread.message.delta', delta, `run_1:${number + 2}`);
  }
  api.tell('thread.run.completed', api.run('run_1', 'completed'), 'run_1:600');
  await until(() => !run.live);
  const [entry] = run.view.entries;
  expect(entry.type === 'message' && entry.parts[0].text).toBe('word '.repeat(500));
  expect(told).toBeLessThan(50);
});

test('a run that is over is shown as the server has folded it', async () => {
  const api = new Api();
  const changes = { undo: 'full' };
  const call = { id: 'call_1', step_id: 'step_1', type: 'call', changes };
  const entries = [call, { id: 'm2', type: 'message', parts: [] }];
  api.messages = [
    api.message('m1', 'user'),
    api.message('m2', 'assistant', { run_id: 'run_1' })
  ];
  api.runs = [api.run('run_1', 'completed', 2)];
  api.views = { run_1: { run: api.runs[0], entries, waiting: [], error: null } };
  const model = await opened(api);
  const [, item] = model.items;
  const run = (item as { run: RunModel }).run;
  const ids = (): string[] => run.view.entries.map(each => each.id);
  expect(ids()).toEqual(['call_1', 'm2']);
  // A stream that is resumed tells events again.
  api.tell('thread.run.step.created', { id: 'step_1', run_id: 'run_1' }, 'run_1:1');
  const undone = { calls: { call_1: { changes: { undo: 'undone' } } } };
  api.undone = { object: 'thread.run.step', id: 'step_1', jupyter: undone };
  await model.undo(run, 'step_1');
  expect(run.view.entries[0]).toMatchObject({ changes: { undo: 'undone' } });
  api.tell('thread.message.deleted', { id: 'm2', run_id: 'run_1' }, '');
  await until(() => ids().length === 1);
  expect(ids()).toEqual(['call_1']);
});

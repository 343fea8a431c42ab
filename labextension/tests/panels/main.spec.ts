import { Signal } from '@lumino/signaling';
import { Drafts } from '../../src/panels/composer/drafts';
import { PanelModel } from '../../src/panels/main/model';
import { AssistantsClient } from '../../src/wire/client';
import type { Thread } from '../../src/wire/types';
import { Api, until } from '../support/api';

const NOTEBOOK = {
  path: 'a.ipynb',
  name: 'a.ipynb',
  kernelId: 'k',
  language: 'python'
};

/** A panel beside a notebook whose thread is found when the test says so. */
class Held {
  readonly api = new Api();
  /** Let the lists of threads that were asked for so far arrive. */
  arrive: (() => void)[] = [];
  readonly panel: PanelModel;
  readonly changed: Signal<any, void>;

  constructor() {
    const notebooks: Record<string, unknown> = { current: NOTEBOOK, revision: 0 };
    this.changed = new Signal<any, void>(notebooks);
    notebooks.changed = this.changed;
    this.api.thread.metadata = { notebook: NOTEBOOK.path, kernel: NOTEBOOK.kernelId };
    const client: AssistantsClient = this.api.client;
    client.listThreads = () =>
      new Promise(resolve => {
        const data = [this.api.thread as Thread];
        this.arrive.push(() =>
          resolve({ object: 'list', data, has_more: false } as never)
        );
      });
    const workspace = {
      listFiles: async () => [],
      readFile: async () => new Blob(),
      cells: () => [],
      activeCell: () => null
    };
    const kept = new Map<string, string>();
    const drafts = new Drafts({
      getItem: key => kept.get(key) ?? null,
      setItem: (key, value) => void kept.set(key, value),
      removeItem: key => void kept.delete(key)
    });
    this.panel = new PanelModel({
      client,
      notebooks: notebooks as never,
      workspace: workspace as never,
      drafts
    });
  }

  /** Let the lists arrive, and what follows from them happen. */
  async settle(): Promise<void> {
    for (let round = 0; round < 5; round++) {
      this.arrive.splice(0).forEach(resolve => resolve());
      await new Promise(resolve => setTimeout(resolve, 5));
    }
  }
}

test('the thread of the notebook opens by itself', async () => {
  const held = new Held();
  held.changed.emit();
  await held.settle();
  expect(held.panel.thread?.id).toBe('thread_1');
  held.panel.dispose();
});

test('a new thread stays when the thread of the notebook is found after it', async () => {
  const held = new Held();
  held.changed.emit();
  await until(() => held.arrive.length > 0);
  held.panel.openNew();
  held.panel.composer.write('half a thought');
  await held.settle();
  expect(held.panel.thread).toBeNull();
  expect(held.panel.composer.text).toBe('half a thought');
  held.panel.dispose();
});

test('a new thread stays when the notebook changes before its thread is known', async () => {
  const held = new Held();
  held.changed.emit();
  await held.settle();
  held.panel.openNew();
  held.changed.emit();
  await held.settle();
  expect(held.panel.thread).toBeNull();
  held.panel.dispose();
});

import { FilesModel } from '../../src/panels/files/model';
import { AssistantsClient } from '../../src/wire/client';
import { VectorStoresClient } from '../../src/wire/vectorStores';
import { until } from '../support/api';

/** A server with one vector store, whose files change when a test says so. */
class Server {
  statuses: Record<string, string> = {};
  /** Hold an answer that is ready until this is resolved. */
  hold: Promise<void> | null = null;
  lists = 0;
  private _events: ReadableStreamDefaultController<Uint8Array> | null = null;

  get model(): FilesModel {
    const client = new AssistantsClient(async ({ path }) => {
      const body = this._answer(path);
      if (path.includes('/files?') && this.hold) {
        await this.hold;
      }
      return body instanceof ReadableStream
        ? new Response(body)
        : new Response(JSON.stringify(body));
    });
    return new FilesModel(new VectorStoresClient(client));
  }

  get followed(): boolean {
    return this._events !== null;
  }

  /** Send the counts as they are now. */
  tellProgress(): void {
    const data = { vector_store_id: 'vs', files: [], ...this._store() };
    this._tell('vector_store.progress', data);
  }

  tellEnd(id: string): void {
    this._tell('vector_store.file.completed', { id, status: 'completed' });
  }

  private _tell(event: string, data: unknown): void {
    const text = `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
    this._events!.enqueue(new TextEncoder().encode(text));
  }

  private _store(): object {
    const open = Object.values(this.statuses).filter(each => each === 'in_progress');
    const file_counts = { in_progress: open.length };
    return { id: 'vs', status: 'in_progress', file_counts };
  }

  private _answer(path: string): unknown {
    if (path.endsWith('/events')) {
      return new ReadableStream({
        start: controller => void (this._events = controller)
      });
    }
    if (path.includes('/files?')) {
      this.lists += 1;
      const data = Object.entries(this.statuses).map(([id, status]) => ({
        id,
        status
      }));
      return { data, has_more: false };
    }
    return path.endsWith('/file_batches') ? {} : this._store();
  }
}

async function opened(server: Server): Promise<FilesModel> {
  const { model } = server;
  await model.create('Library');
  return model;
}

const shown = (model: FilesModel): Record<string, string> =>
  Object.fromEntries(model.entries.map(each => [each.id, each.status]));

test('a file that ends before its events are followed is shown as it is', async () => {
  const server = new Server();
  server.statuses = { short: 'in_progress', long: 'in_progress' };
  const model = await opened(server);
  await model.attach('vs', ['short', 'long']);
  await until(() => server.followed);
  server.statuses.short = 'completed';
  server.tellProgress();
  await until(() => shown(model).short === 'completed');
  expect(shown(model).long).toBe('in_progress');
  model.dispose();
});

test('a file that is attached and ends between two events is shown as it is', async () => {
  const server = new Server();
  server.statuses = { long: 'in_progress' };
  const model = await opened(server);
  await model.attach('vs', ['long']);
  await until(() => server.followed);
  server.statuses.short = 'in_progress';
  await model.attach('vs', ['short']);
  server.statuses.short = 'completed';
  server.tellProgress();
  await until(() => shown(model).short === 'completed');
  model.dispose();
});

test('an event that overtakes the list of files is not lost', async () => {
  const server = new Server();
  server.statuses = { short: 'in_progress', long: 'in_progress' };
  const model = await opened(server);
  await model.attach('vs', ['short', 'long']);
  await until(() => server.followed);
  let answer = (): void => undefined;
  server.hold = new Promise(resolve => (answer = resolve));
  const opening = model.open('vs');
  server.hold = null;
  server.statuses.short = 'completed';
  server.tellEnd('short');
  server.tellProgress();
  await until(() => model.progress('vs')?.file_counts.in_progress === 1);
  answer();
  await opening;
  expect(shown(model)).toEqual({ short: 'completed', long: 'in_progress' });
  model.dispose();
});

test('files that are shown as they are are not read again with each event', async () => {
  const server = new Server();
  server.statuses = { short: 'in_progress', long: 'in_progress' };
  const model = await opened(server);
  await model.attach('vs', ['short', 'long']);
  await until(() => server.followed);
  const before = server.lists;
  server.tellProgress();
  server.statuses.short = 'completed';
  server.tellEnd('short');
  server.tellProgress();
  await until(() => model.progress('vs')?.file_counts.in_progress === 1);
  expect(server.lists).toBe(before);
  model.dispose();
});

import { readEvents, ServerEvent } from '../../src/wire/events';

const STREAM =
  'event: thread.run.created\ndata: {"id":"run_1"}\nid: run_1:0\n\n' +
  ': keep-alive\n\n' +
  'event: thread.message.delta\r\ndata: {"a":\r\ndata: "ü"}\r\n\r\n' +
  'event: done\ndata: [DONE]\n\n' +
  'event: cut\ndata: {"half"';

const EXPECTED: ServerEvent[] = [
  { event: 'thread.run.created', data: { id: 'run_1' }, id: 'run_1:0' },
  { event: 'thread.message.delta', data: { a: 'ü' }, id: '' },
  { event: 'done', data: '[DONE]', id: '' }
];

/** Return the events of a body that arrives in chunks of so many bytes. */
async function eventsOf(text: string, size: number): Promise<ServerEvent[]> {
  const bytes = new TextEncoder().encode(text);
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (let start = 0; start < bytes.length; start += size) {
        controller.enqueue(bytes.slice(start, start + size));
      }
      controller.close();
    }
  });
  const events: ServerEvent[] = [];
  for await (const event of readEvents(new Response(body))) {
    events.push(event);
  }
  return events;
}

test('a stream decodes to its events, and one that is cut off is dropped', async () => {
  expect(await eventsOf(STREAM, STREAM.length)).toEqual(EXPECTED);
});

test('it decodes the same wherever the chunks end', async () => {
  for (let size = 1; size < 12; size++) {
    expect(await eventsOf(STREAM, size)).toEqual(EXPECTED);
  }
});

test('characters that a chunk of bytes cuts in two are whole', async () => {
  const [event] = await eventsOf('data: "äöü€😀"\n\n', 1);
  expect(event.data).toBe('äöü€😀');
});

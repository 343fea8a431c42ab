import { EventDecoder, readEvents, ServerEvent } from '../../src/wire/events';

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

test('a stream decodes to its events, and one that is cut off is dropped', () => {
  expect(new EventDecoder().push(STREAM)).toEqual(EXPECTED);
});

test('it decodes the same wherever the chunks end', () => {
  for (let size = 1; size < 12; size++) {
    const decoder = new EventDecoder();
    const found: ServerEvent[] = [];
    for (let at = 0; at < STREAM.length; at += size) {
      found.push(...decoder.push(STREAM.slice(at, at + size)));
    }
    expect(found).toEqual(EXPECTED);
  }
});

test('characters that a chunk of bytes cuts in two are whole', async () => {
  const bytes = new TextEncoder().encode('data: "äöü€😀"\n\n');
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      bytes.forEach(byte => controller.enqueue(new Uint8Array([byte])));
      controller.close();
    }
  });
  const found = [];
  for await (const event of readEvents(new Response(body))) {
    found.push(event.data);
  }
  expect(found).toEqual(['äöü€😀']);
});

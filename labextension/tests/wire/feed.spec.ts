import { ApiError } from '../../src/wire/errors';
import { backOff, Feed, FeedReader, FeedState } from '../../src/wire/feed';

/** A reader that keeps what it is told. */
class Kept implements FeedReader {
  events: string[] = [];
  states: FeedState[] = [];
  gaps = 0;
  onEvent(event: { event: string }): void {
    this.events.push(event.event);
  }
  onState(state: FeedState): void {
    this.states.push(state);
  }
  async onGap(): Promise<void> {
    this.gaps += 1;
  }
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > deadline) {
      throw new Error('It did not come to that.');
    }
    await new Promise(resolve => setTimeout(resolve, 2));
  }
}

const delay = (): number => 1;

test('a feed goes on behind the last event that it saw', async () => {
  const asked: (string | null)[] = [];
  const streams = [
    'event: a\ndata: 1\nid: run_1:0\n\nevent: b\ndata: 2\n\n',
    'event: c\ndata: 3\n\n'
  ];
  const reader = new Kept();
  const feed = new Feed({
    delay,
    reader,
    open: async (after, signal) => {
      asked.push(after);
      const text = streams.shift();
      if (text === undefined) {
        return new Promise((_, reject) =>
          signal.addEventListener('abort', () => reject())
        );
      }
      return new Response(text);
    }
  });
  await until(() => asked.length === 3);
  feed.dispose();
  expect(asked).toEqual([null, 'run_1:0', 'run_1:0']);
  expect(reader.events).toEqual(['a', 'b', 'c']);
  expect(reader.gaps).toBe(1);
});

test('a connection that fails is tried again, and what was missed is read', async () => {
  let attempts = 0;
  const reader = new Kept();
  const feed = new Feed({
    delay,
    reader,
    open: async () => {
      attempts += 1;
      if (attempts < 4) {
        throw new TypeError('fetch failed');
      }
      return new Response(new ReadableStream());
    }
  });
  await until(() => reader.states.at(-1) === 'live');
  feed.dispose();
  expect(reader.states.slice(0, 2)).toEqual(['connecting', 'lost']);
  expect(reader.gaps).toBe(1);
});

test('a thread that is gone ends its feed', async () => {
  const reader = new Kept();
  let attempts = 0;
  new Feed({
    delay,
    reader,
    open: async () => {
      attempts += 1;
      throw new ApiError('No thread found.', 404);
    }
  });
  await until(() => reader.states.at(-1) === 'ended');
  await new Promise(resolve => setTimeout(resolve, 20));
  expect(attempts).toBe(1);
});

test('a place that the server does not know any more is forgotten', async () => {
  const asked: (string | null)[] = [];
  const reader = new Kept();
  const feed = new Feed({
    delay,
    reader,
    open: async after => {
      asked.push(after);
      if (after !== null) {
        throw new ApiError('is no id of an event', 400);
      }
      return asked.length === 1
        ? new Response('event: a\ndata: 1\nid: run_1:0\n\n')
        : new Response(new ReadableStream());
    }
  });
  await until(() => asked.length === 3 && reader.states.at(-1) === 'live');
  feed.dispose();
  expect(asked).toEqual([null, 'run_1:0', null]);
});

test('a feed that nobody wants any more tells nothing', async () => {
  const reader = new Kept();
  let release: (response: Response) => void = () => undefined;
  const feed = new Feed({ delay, reader, open: () => new Promise(r => (release = r)) });
  feed.dispose();
  release(new Response('event: a\ndata: 1\n\n'));
  await new Promise(resolve => setTimeout(resolve, 20));
  expect(reader.events).toEqual([]);
});

test('attempts get rarer, up to some seconds', () => {
  for (let attempt = 0; attempt < 20; attempt++) {
    expect(backOff(attempt)).toBeGreaterThanOrEqual(375);
    expect(backOff(attempt)).toBeLessThanOrEqual(18_750);
  }
  expect(backOff(10)).toBeGreaterThan(backOff(0));
});

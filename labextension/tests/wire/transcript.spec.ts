import { readdirSync, readFileSync } from 'fs';
import { join } from 'path';
import { Json, merge, Transcript } from '../../src/wire/transcript';

/** The streams that the Python fold is tested on too. */
const GOLDEN = join(__dirname, '..', '..', '..', 'tests', 'golden');
const STREAMS = readdirSync(GOLDEN)
  .filter(name => name.endsWith('.jsonl'))
  .map(name => name.replace('.jsonl', ''));

function events(name: string): { event: string; data: Json }[] {
  const text = readFileSync(join(GOLDEN, `${name}.jsonl`), 'utf-8');
  return text
    .split('\n')
    .filter(line => line)
    .map(line => JSON.parse(line));
}

function expected(name: string): unknown {
  return JSON.parse(readFileSync(join(GOLDEN, `${name}.json`), 'utf-8'));
}

test('there are golden streams', () => {
  expect(STREAMS.length).toBeGreaterThan(10);
});

test.each(STREAMS)('the stream %s folds to the expected view', name => {
  const transcript = new Transcript();
  for (const { event, data } of events(name)) {
    transcript.fold(event, data);
  }
  expect(transcript.view()).toEqual(expected(name));
});

test.each(STREAMS)(
  'the stream %s folds the same when it is drawn behind every event',
  name => {
    const transcript = new Transcript();
    for (const { event, data } of events(name)) {
      const before = JSON.stringify(data);
      transcript.fold(event, data);
      transcript.view();
      expect(JSON.stringify(data)).toBe(before);
    }
    expect(transcript.view()).toEqual(expected(name));
  }
);

test('entries that did not change are the same objects again', () => {
  const transcript = new Transcript();
  for (const { event, data } of events('text_answer')) {
    transcript.fold(event, data);
  }
  const first = transcript.view().entries;
  expect(transcript.view().entries[0]).toBe(first[0]);
});

test('code of another language has its name', () => {
  const transcript = new Transcript();
  for (const { event, data } of events('code_rejected')) {
    for (const call of Object.values<Json>(data.jupyter?.calls ?? {})) {
      call.language = 'R';
    }
    transcript.fold(event, data);
  }
  const calls = transcript.view().entries.filter(entry => entry.type === 'call');
  expect(calls.map(call => (call as Json).name)).toEqual(['R']);
});

test('deltas are merged as the SDKs merge', () => {
  const known = {
    text: 'a',
    n: 1,
    list: [{ index: 0, value: 'x' }],
    kept: true,
    type: 'text'
  };
  const delta = {
    text: 'b',
    n: 2,
    type: 'text',
    list: [
      { index: 0, value: 'y' },
      { index: 1, value: 'z' }
    ],
    fresh: { a: 1 },
    kept: null
  };
  const frozen = JSON.stringify(known);
  expect(merge(known, delta)).toEqual({
    text: 'ab',
    n: 3,
    type: 'text',
    kept: true,
    list: [
      { index: 0, value: 'xy' },
      { index: 1, value: 'z' }
    ],
    fresh: { a: 1 }
  });
  expect(JSON.stringify(known)).toBe(frozen);
});

import { grouped, jsonLines, summary } from '../../src/panels/runs/rawEvents';

const event = (number: number, name: string): any => ({
  number,
  event: name,
  data: { n: number },
  id: '',
  at: 0
});

test('neighbours of one name are one group, and the order stays', () => {
  const groups = grouped([
    event(1, 'a'),
    event(2, 'delta'),
    event(3, 'delta'),
    event(4, 'a')
  ]);
  expect(groups.map(each => [each.event, each.events.length])).toEqual([
    ['a', 1],
    ['delta', 2],
    ['a', 1]
  ]);
});

test('events are kept one a line', () => {
  expect(jsonLines([event(1, 'a'), event(2, 'b')])).toBe(
    '{"event":"a","id":"","data":{"n":1}}\n{"event":"b","id":"","data":{"n":2}}\n'
  );
});

test('a summary says what there is and stays short', () => {
  expect(summary({ id: 1, object: 2 })).toBe('{id, object}');
  expect(summary([1, 2])).toBe('[2]');
  expect(summary('x'.repeat(100), 10)).toBe('"xxxxxxxx…');
});

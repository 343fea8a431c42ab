import { Reading } from '../../src/panels/approval/reading';

const lines = (first: number, end: number, from = 0, to = 300, size = 100) =>
  Array.from({ length: end - first }, (_, at) => ({
    line: first + at,
    from,
    to,
    size
  }));

test('code that fits is read at once', () => {
  const reading = new Reading(3);
  reading.see(lines(0, 3));
  expect(reading.unread(lines(0, 3))).toEqual({ lines: 0, cut: 0 });
  expect(reading.first()).toBeNull();
});

test('lines below are counted until they were in view', () => {
  const reading = new Reading(50);
  reading.see(lines(0, 20));
  expect(reading.unread(lines(0, 20))).toEqual({ lines: 30, cut: 0 });
  expect(reading.first()).toEqual({ line: 20, reach: 0 });
  reading.see(lines(30, 50));
  expect(reading.left).toBe(10);
  reading.see(lines(20, 30));
  expect(reading.left).toBe(0);
});

test('a long line is read from its beginning to its end', () => {
  const reading = new Reading(1);
  const part = (from: number, to: number) => lines(0, 1, from, to, 1000);
  reading.see(part(0, 300));
  expect(reading.unread(part(0, 300))).toEqual({ lines: 1, cut: 1 });
  // A jump to the end leaves out what lies between.
  reading.see(part(700, 1000));
  expect(reading.left).toBe(1);
  reading.see(part(260, 560));
  reading.see(part(520, 820));
  expect(reading.first()).toEqual({ line: 0, reach: 820 });
  reading.see(part(780, 1080));
  expect(reading.left).toBe(0);
});

test('a line that was seen in part begins anew where it is laid out otherwise', () => {
  const reading = new Reading(2);
  reading.see([...lines(0, 1), ...lines(1, 2, 0, 300, 1000)]);
  reading.restart();
  expect(reading.first()).toEqual({ line: 1, reach: 0 });
  expect(reading.left).toBe(1);
});

test('changed lines are read again and the others are not', () => {
  const reading = new Reading(4);
  reading.see(lines(0, 4));
  reading.replace(1, 2, 3);
  expect(reading.left).toBe(3);
  expect(reading.first()).toEqual({ line: 1, reach: 0 });
  reading.see(lines(1, 4));
  expect(reading.left).toBe(0);
});

test('a field that is not laid out shows nothing', () => {
  const reading = new Reading(2);
  reading.see([]);
  expect(reading.left).toBe(2);
});

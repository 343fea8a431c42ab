import { everyPage } from '../../src/wire/pages';

interface Row {
  id: string;
}

const rows = (first: number, count: number): Row[] =>
  Array.from({ length: count }, (_, index) => ({ id: `row_${first + index}` }));

test('a list is read to its end, each page behind the last row of the one before', async () => {
  const asked: (string | undefined)[] = [];
  const found = await everyPage<Row>(async after => {
    asked.push(after);
    const first = after === undefined ? 0 : Number(after.slice(4)) + 1;
    const count = Math.min(100, 250 - first);
    return { data: rows(first, count), has_more: first + count < 250 };
  });
  expect(found).toEqual(rows(0, 250));
  expect(asked).toEqual([undefined, 'row_99', 'row_199']);
});

test('a server that promises more and gives nothing is not asked forever', async () => {
  let asked = 0;
  const found = await everyPage<Row>(async () => {
    asked += 1;
    return { data: asked === 1 ? rows(0, 1) : [], has_more: true };
  });
  expect([found, asked]).toEqual([rows(0, 1), 2]);
});

import { AssistantsClient } from '../../src/wire/client';
import { PART, VectorStoresClient } from '../../src/wire/vectorStores';

function stores(answer: (path: string) => Response): {
  client: VectorStoresClient;
  paths: string[];
} {
  const paths: string[] = [];
  const client = new AssistantsClient(async ({ path }) => {
    paths.push(path);
    return answer(path);
  });
  return { client: new VectorStoresClient(client), paths };
}

const json = (body: unknown): Response => new Response(JSON.stringify(body));

test('a small file goes in one piece', async () => {
  const { client, paths } = stores(() => json({ id: 'file-1' }));
  const sent = await client.upload(new File(['x'], 'x.txt'), () => undefined);
  expect(sent.id).toBe('file-1');
  expect(paths).toEqual(['/files']);
});

test('a large file goes in parts, and each of them is told', async () => {
  let part = 0;
  const { client, paths } = stores(path =>
    json(
      path.endsWith('/parts')
        ? { id: `part_${++part}` }
        : path.endsWith('/complete')
          ? { file: { id: 'file-2' } }
          : { id: 'upload_1' }
    )
  );
  const told: number[] = [];
  const file = new File([new Uint8Array(PART + 1)], 'x.bin');
  expect((await client.upload(file, each => told.push(each))).id).toBe('file-2');
  expect(paths).toEqual([
    '/uploads',
    '/uploads/upload_1/parts',
    '/uploads/upload_1/parts',
    '/uploads/upload_1/complete'
  ]);
  expect(told).toEqual([PART / (PART + 1), 1]);
});

test('an upload that breaks off is cancelled', async () => {
  const { client, paths } = stores(path =>
    path.endsWith('/parts')
      ? new Response('{}', { status: 507, statusText: 'Insufficient Storage' })
      : json({ id: 'upload_1' })
  );
  const file = new File([new Uint8Array(PART + 1)], 'x.bin');
  await expect(client.upload(file, () => undefined)).rejects.toThrow();
  expect(paths[paths.length - 1]).toBe('/uploads/upload_1/cancel');
});

import { AssistantsClient } from '../../src/wire/client';
import { ApiError, ConnectionLost } from '../../src/wire/errors';
import { Request } from '../../src/wire/transport';

function client(answer: (request: Request) => Response | Promise<Response>): {
  client: AssistantsClient;
  requests: Request[];
} {
  const requests: Request[] = [];
  const transport = async (request: Request): Promise<Response> => {
    requests.push(request);
    return answer(request);
  };
  return { client: new AssistantsClient(transport), requests };
}

const json = (body: unknown, init?: ResponseInit): Response =>
  new Response(JSON.stringify(body), init);

test('queries are written as the server reads them', async () => {
  const { client: api, requests } = client(() => json({ data: [], has_more: false }));
  await api.listThreads({
    limit: 5,
    query: 'a b&c',
    metadata: { notebook: 'x/ü.ipynb' }
  });
  expect(requests[0].path).toBe(
    '/threads?limit=5&query=a+b%26c&metadata%5Bnotebook%5D=x%2F%C3%BC.ipynb'
  );
});

test('ids cannot lead to other paths', async () => {
  const { client: api, requests } = client(() => json({}));
  await api.getThread('../files/x?y');
  expect(requests[0].path).toBe('/threads/..%2Ffiles%2Fx%3Fy');
});

test('a refusal is told in the words of the server', async () => {
  const error = {
    message: 'No thread found with id x.',
    code: 'not_found',
    param: 'thread_id'
  };
  const { client: api } = client(() => json({ error }, { status: 404 }));
  const failed = await api.getThread('x').catch(reason => reason);
  expect(failed).toBeInstanceOf(ApiError);
  expect(failed.message).toBe('No thread found with id x.');
  expect([failed.status, failed.code, failed.param]).toEqual([
    404,
    'not_found',
    'thread_id'
  ]);
});

test('an answer that is no JSON is told by its status', async () => {
  const { client: api } = client(
    () => new Response('<html>', { status: 502, statusText: 'Bad Gateway' })
  );
  await expect(api.getThread('x')).rejects.toThrow('502 Bad Gateway');
});

test('no answer at all is a lost connection', async () => {
  const { client: api } = client(() => Promise.reject(new TypeError('fetch failed')));
  await expect(api.getThread('x')).rejects.toBeInstanceOf(ConnectionLost);
});

test('the stream of a thread names the last event that was seen', async () => {
  const { client: api, requests } = client(() => new Response(''));
  await api.threadEvents('t', 'run_1:7', new AbortController().signal);
  expect(requests[0].headers).toEqual({ 'Last-Event-ID': 'run_1:7' });
});

test('an export has the name that the server proposes', async () => {
  const headers = {
    'Content-Disposition': "attachment; filename*=UTF-8''caf%C3%A9.md"
  };
  const { client: api } = client(() => new Response('# x', { headers }));
  const { filename, blob } = await api.exportThread('t', 'markdown');
  expect(filename).toBe('café.md');
  expect(await blob.text()).toBe('# x');
});

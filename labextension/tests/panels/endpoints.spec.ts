import { EndpointsModel } from '../../src/panels/endpoints/model';
import { AssistantsClient } from '../../src/wire/client';

const MODELS = { data: [{ id: 'demo', jupyter: { usable: true } }] };
const ENDPOINTS = {
  data: [
    { id: 'ollama', status: 'offered' },
    { id: 'openai', status: 'absent' }
  ]
};

function endpoints(answer: (path: string, method: string) => unknown): {
  model: EndpointsModel;
  asked: string[];
} {
  const asked: string[] = [];
  const client = new AssistantsClient(async ({ method, path }) => {
    asked.push(`${method} ${path}`);
    const body = answer(path, method);
    return body instanceof Response ? body : new Response(JSON.stringify(body));
  });
  return { model: new EndpointsModel(client), asked };
}

const usual = (path: string): unknown =>
  ({ '/models': MODELS, '/endpoints': ENDPOINTS, '/doctor': { checks: [] } })[path] ??
  {};

test('only the demo answers as long as it is the default', async () => {
  const { model } = endpoints(usual);
  await model.loadOnce();
  expect(model.onlyDemo).toBe(true);
  expect(model.offered.map(each => each.id)).toEqual(['ollama']);
});

test('a glance asks once', async () => {
  const { model, asked } = endpoints(usual);
  await model.loadOnce();
  await model.loadOnce();
  expect(asked).toHaveLength(2);
});

test('connecting tells the name only, and reads anew what answers', async () => {
  const { model, asked } = endpoints(usual);
  expect(await model.connect('ollama')).toBe(true);
  expect(asked[0]).toBe('POST /endpoints/ollama/connect');
  expect(asked.slice(1).sort()).toEqual(['GET /endpoints', 'GET /models']);
});

test('a refusal is kept to be shown', async () => {
  const error = { message: 'An administrator has switched it off.' };
  const { model } = endpoints((path, method) =>
    method === 'POST'
      ? new Response(JSON.stringify({ error }), { status: 403 })
      : usual(path)
  );
  expect(await model.connect('ollama')).toBe(false);
  expect(model.error?.message).toBe('An administrator has switched it off.');
  expect(model.doing).toBe('');
});

import { DoctorModel } from '../../src/panels/doctor/model';
import { AssistantsClient } from '../../src/wire/client';

const CHECK = {
  id: 'plugins',
  title: 'Plug-ins',
  status: 'ok',
  detail: '2 are installed.'
};

function doctor(answer: (method: string) => unknown): {
  model: DoctorModel;
  asked: string[];
} {
  const asked: string[] = [];
  const client = new AssistantsClient(async ({ method, path, body }) => {
    asked.push(`${method} ${path} ${body ?? ''}`.trim());
    const found = answer(method);
    return found instanceof Response ? found : new Response(JSON.stringify(found));
  });
  return { model: new DoctorModel(client), asked };
}

test('a check reads the report and starts nothing', async () => {
  const { model, asked } = doctor(() => ({ checks: [CHECK] }));
  expect(model.checks).toBeNull();
  await model.check();
  expect(model.checks).toEqual([CHECK]);
  expect(asked).toEqual(['GET /doctor']);
});

test('only a real check runs a kernel and calls the model', async () => {
  const { model, asked } = doctor(() => ({ checks: [CHECK] }));
  await model.checkForReal();
  expect(asked).toEqual(['POST /doctor {"kernel":true,"model":true}']);
});

test('the checks of before stay where a later check fails', async () => {
  let status = 200;
  const { model } = doctor(
    () => new Response(JSON.stringify({ checks: [CHECK] }), { status })
  );
  await model.check();
  status = 503;
  await model.checkForReal();
  expect(model.checks).toEqual([CHECK]);
  expect(model.error).not.toBeNull();
  expect(model.doing).toBe('');
});

import { answerOf, proposalOf, sha256 } from '../../src/panels/approval/model';

const CALL = {
  id: 'call_1',
  name: 'approve_code',
  arguments: JSON.stringify({
    code: 'print("ü")',
    sha256: 'abc',
    hints: ['writes files (line 3)'],
    kernel_id: 'k'
  })
};

async function said(decision: Parameters<typeof answerOf>[2]): Promise<unknown> {
  const answer = await answerOf(CALL, proposalOf(CALL), decision);
  expect(answer.tool_call_id).toBe('call_1');
  return JSON.parse(answer.output!);
}

test('an approval names the hash that it was asked for', async () => {
  expect(await said({ approved: true, always: false, code: 'print("ü")' })).toEqual({
    approved: true,
    sha256: 'abc'
  });
});

test('edited code comes with its own hash', async () => {
  expect(await said({ approved: true, always: true, code: 'print(2)' })).toEqual({
    approved: true,
    always: true,
    code: 'print(2)',
    sha256: await sha256('print(2)')
  });
});

test('a rejection has its reason', async () => {
  expect(await said({ approved: false, reason: 'no' })).toEqual({
    approved: false,
    reason: 'no'
  });
});

test('hashes are those of the UTF-8 bytes', async () => {
  expect(await sha256('ü')).toBe(
    '607474ca475a9724d7360aba71a56d5df77e61350e3f724cfa1f46e857e2d85f'
  );
});

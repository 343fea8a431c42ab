import {
  completeText,
  fileSuggestions,
  matchingSuggestions,
  updateSuggestions,
  Suggestion,
  triggerAt
} from '../../src/panels/composer/completion';

test.each([
  ['@', 1, '@', ''],
  ['look at @df', 11, '@', 'df'],
  ['(@file:data/pe', 14, '@', 'file:data/pe'],
  ['/exp', 4, '/', 'exp']
])('in %j at %d it completes', (text, caret, sign, query) => {
  expect(triggerAt(text, caret)).toMatchObject({ sign, query });
});

test.each(['me@example.org', 'a / b', 'x /new', '@df is', 'plain'])(
  'in %j it does not',
  text => {
    expect(triggerAt(text, text.length)).toBeNull();
  }
);

test('a choice takes the place of what was typed', () => {
  const trigger = triggerAt('see @ma and more', 7)!;
  expect(completeText('see @ma and more', trigger, '@marker')).toEqual({
    text: 'see @marker and more',
    caret: 11
  });
  expect(completeText('/new', triggerAt('/new', 4)!, '')).toEqual({
    text: '',
    caret: 0
  });
});

test('what begins as typed comes before what holds it', () => {
  const named = (label: string, kind: Suggestion['kind'] = 'variable'): Suggestion => ({
    kind,
    insert: '',
    label,
    detail: '',
    value: label
  });
  const all = [named('my_df'), named('df'), named('other'), named('df.csv', 'file')];
  expect(matchingSuggestions(all, 'df').map(each => each.label)).toEqual([
    'df',
    'df.csv',
    'my_df'
  ]);
  expect(matchingSuggestions(all, 'file:').map(each => each.label)).toEqual(['df.csv']);
});

describe('a source that cannot say yet', () => {
  const variable: Suggestion = {
    kind: 'variable',
    insert: '@late',
    label: 'late',
    detail: 'int',
    value: 'late'
  };
  const [file] = fileSuggestions(['a.csv']);

  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('is asked again until it can', async () => {
    const answers = [null, null, [variable]];
    const shown: [string[], boolean][] = [];
    const done = updateSuggestions(
      {
        ready: async () => [file],
        pending: async () => answers.shift() as Suggestion[] | null
      },
      (all, first) => {
        shown.push([all.map(each => each.label), first]);
        return true;
      }
    );
    await jest.runAllTimersAsync();
    await done;
    expect(shown).toEqual([
      [['a.csv'], true],
      [['a.csv'], false],
      [['late', 'a.csv'], false]
    ]);
  });

  it('is not asked again when nobody looks', async () => {
    let asked = 0;
    const pending = async (): Promise<null> => {
      asked += 1;
      return null;
    };
    await updateSuggestions({ ready: async () => [file], pending }, () => false);
    await jest.runAllTimersAsync();
    expect(asked).toBe(1);
  });
});

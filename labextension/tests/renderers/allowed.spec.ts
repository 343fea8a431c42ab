import {
  ATTRIBUTES,
  CLASSES,
  ELEMENTS,
  EMPTIED,
  isHarmless
} from '../../src/renderers/safety/allowed';

test.each([
  ['color', 'red'],
  ['background-color', 'rgb(1, 2, 3)'],
  ['background-color', 'hsla(120deg, 50%, 50%, 0.5)'],
  ['text-align', 'right'],
  ['border-top-width', '1px'],
  ['width', '50%'],
  ['font-family', '"DejaVu Sans", serif']
])('the style %s: %s stays', (property, value) => {
  expect(isHarmless(property, value)).toBe(true);
});

test.each([
  ['background', 'url(http://evil.example/x.png)'],
  ['background-image', 'url(x)'],
  ['background-color', 'url(http://evil.example)'],
  ['color', 'var(--x)'],
  ['color', 'u\\72l(http://evil.example)'],
  ['list-style-type', 'url(http://evil.example)'],
  ['list-style-image', 'none'],
  ['width', 'expression(alert(1))'],
  ['width', 'calc(100% + 9px)'],
  ['color', 'rgb(url(x))'],
  ['font-family', 'image-set("x" 1x)'],
  ['position', 'fixed'],
  ['z-index', '9999'],
  ['margin-top', '-500px'],
  ['transform', 'scale(9)'],
  ['content', '"x"'],
  ['animation-name', 'x'],
  ['--own', 'red']
])('the style %s: %s goes', (property, value) => {
  expect(isHarmless(property, value)).toBe(false);
});

test('what is allowed and what is taken away whole are different things', () => {
  expect([...ELEMENTS].filter(each => EMPTIED.has(each))).toEqual([]);
});

test.each(['script', 'iframe', 'form', 'button', 'svg', 'style', 'video', 'portal'])(
  'the element %s is not allowed',
  name => {
    expect(ELEMENTS.has(name)).toBe(false);
  }
);

test.each([
  'id',
  'name',
  'onclick',
  'srcset',
  'target',
  'accesskey',
  'data-commandlinker-command'
])('the attribute %s is not allowed', name => {
  expect(ATTRIBUTES.has(name)).toBe(false);
});

test.each([
  ['ansi-red-fg', true],
  ['language-python', true],
  ['dataframe', true],
  ['jp-Dialog', false],
  ['lm-Widget', false],
  ['jp-Assistants-approval', false],
  ['xansi-red', false]
])('whether the class %s stays: %s', (name, stays) => {
  expect(CLASSES.test(name)).toBe(stays);
});

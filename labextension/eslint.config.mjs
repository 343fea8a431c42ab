import js from '@eslint/js';
import jupyter from '@jupyter/eslint-plugin';
import typescript from 'typescript-eslint';

export default typescript.config(
  js.configs.recommended,
  ...typescript.configs.recommended,
  {
    plugins: { '@jupyter': jupyter },
    rules: {
      curly: ['error', 'all'],
      eqeqeq: 'error',
      'max-lines': ['error', { max: 450, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      // Control characters are what the rules for untrusted text look for.
      'no-control-regex': 'off',
      // Wire objects of other versions are looked at field by field, in wire/transcript.ts.
      '@typescript-eslint/no-explicit-any': 'off',
      '@typescript-eslint/no-namespace': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-restricted-syntax': [
        'error',
        { selector: "MemberExpression[property.name='innerHTML'][parent.type='AssignmentExpression']", message: 'Text of others never becomes markup.' },
        { selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']", message: 'Text of others never becomes markup.' }
      ]
    }
  },
  // The server's OpenAPI document as types, written by scripts/wire-types.mjs.
  { files: ['src/wire/openapi.ts'], rules: { 'max-lines': 'off' } }
);

/** Tests of the wire, the models and the views. Views need a DOM: their files say so at the top. */
const ESM = ['@jupyter', '@microsoft', 'exenv-es6', 'lib0', 'marked', 'nanoid', 'y-protocols', 'yjs', '@jupyterlab', '@lumino', 'eventsource-parser'];
const tsJest = [
  'ts-jest',
  {
    tsconfig: { isolatedModules: true, allowJs: true, module: 'commonjs', target: 'ES2022', esModuleInterop: true, jsx: 'react' }
  }
];

module.exports = {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/tests/**/*.spec.{ts,tsx}'],
  setupFiles: ['<rootDir>/tests/support/dom.ts'],
  moduleNameMapper: { '\\.(css|svg)$': '<rootDir>/tests/support/text.ts' },
  moduleFileExtensions: ['ts', 'tsx', 'js', 'mjs', 'json'],
  transform: { '\\.(ts|tsx|js|mjs)$': tsJest },
  transformIgnorePatterns: [`/node_modules/(?!(${ESM.join('|')})/)`]
};

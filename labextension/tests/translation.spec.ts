/** @jest-environment node */
import { readdirSync, readFileSync } from 'fs';
import { join } from 'path';
import * as ts from 'typescript';

const ROOT = join(__dirname, '..', 'src');
const SHOWN = ['aria-label', 'title', 'placeholder', 'alt', 'label', 'hint'];
const LETTERS = /\p{L}{2,}/u;

function files(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap(entry =>
    entry.isDirectory()
      ? files(join(folder, entry.name))
      : entry.name.endsWith('.tsx')
        ? [join(folder, entry.name)]
        : []
  );
}

/** Give texts that people would read in English whatever their language is. */
function untranslated(path: string): string[] {
  const source = ts.createSourceFile(
    path,
    readFileSync(path, 'utf-8'),
    ts.ScriptTarget.Latest,
    true,
    ts.ScriptKind.TSX
  );
  const found: string[] = [];
  const look = (node: ts.Node): void => {
    if (ts.isJsxText(node) && LETTERS.test(node.text)) {
      found.push(node.text.trim());
    }
    if (
      ts.isJsxAttribute(node) &&
      SHOWN.includes(node.name.getText(source)) &&
      node.initializer !== undefined &&
      ts.isStringLiteral(node.initializer) &&
      LETTERS.test(node.initializer.text)
    ) {
      found.push(node.initializer.text);
    }
    ts.forEachChild(node, look);
  };
  look(source);
  return found;
}

test.each(files(ROOT).map(path => [path.slice(ROOT.length + 1), path]))(
  'every text of %s can be translated',
  (_, path) => {
    expect(untranslated(path)).toEqual([]);
  }
);

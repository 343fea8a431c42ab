import type { TranslationBundle } from '@jupyterlab/translation';
import { Problem } from './form';

/** Say what is wrong with a field, and what to do. */
export function problemText(problem: Problem, trans: TranslationBundle): string {
  const { kind, detail } = problem;
  switch (kind) {
    case 'missing':
      return trans.__('This is needed.');
    case 'json':
      return trans.__('This is no JSON: %1', detail);
    case 'object':
      return trans.__('This has to be a JSON object: { … }');
    case 'function-name':
      return trans.__(
        '"name" is %1. It needs 1 to 64 letters, digits, _ or -.',
        JSON.stringify(detail)
      );
    case 'schema-name':
      return trans.__(
        '"name" of the schema is %1. It needs 1 to 64 letters, digits, _ or -.',
        JSON.stringify(detail)
      );
    case 'parameters':
      return trans.__(
        '"parameters" of %1 has to be a JSON schema of an object: {"type": "object", "properties": { … }}',
        detail
      );
    case 'twice':
      return trans.__('There is another function with the name %1.', detail);
    case 'range':
      return trans.__('This has to be a number in %1, or empty.', detail);
    case 'schema':
      return trans.__('"schema" has to be a JSON object.');
    case 'long':
      return trans.__('This may have at most %1 characters.', detail);
  }
}

/** Give what is wrong with one field, if something is. */
export function problemOf(
  problems: readonly Problem[],
  field: string,
  trans: TranslationBundle
): string | undefined {
  const found = problems.find(each => each.field === field);
  return found && problemText(found, trans);
}

import type { TranslationBundle } from '@jupyterlab/translation';
import { Problem } from './form';

/** Return what is wrong with a field and what to do about it. */
export function problemText(problem: Problem, trans: TranslationBundle): string {
  const { kind, detail } = problem;
  switch (kind) {
    case 'missing':
      return trans.__('This field is required.');
    case 'json':
      return trans.__('This is not valid JSON: %1', detail);
    case 'object':
      return trans.__('This must be a JSON object: { … }');
    case 'options':
      return trans.__('Use a JSON object: { … }, or a list of them for several tools.');
    case 'function-name':
      return trans.__(
        '"name" is %1. Use 1 to 64 letters, digits, _ or -.',
        JSON.stringify(detail)
      );
    case 'schema-name':
      return trans.__(
        '"name" of the schema is %1. Use 1 to 64 letters, digits, _ or -.',
        JSON.stringify(detail)
      );
    case 'parameters':
      return trans.__(
        '"parameters" of %1 must be the JSON schema of an object: {"type": "object", "properties": { … }}',
        detail
      );
    case 'twice':
      return trans.__('Another function is named %1.', detail);
    case 'range':
      return trans.__('Enter a number in %1, or leave this empty.', detail);
    case 'schema':
      return trans.__('"schema" must be a JSON object.');
    case 'long':
      return trans.__('Use at most %1 characters.', detail);
  }
}

/** Return the problem of a field, if it has one. */
export function problemOf(
  problems: readonly Problem[],
  field: string,
  trans: TranslationBundle
): string | undefined {
  const found = problems.find(each => each.field === field);
  return found && problemText(found, trans);
}

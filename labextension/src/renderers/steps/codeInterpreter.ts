import type { TranslationBundle } from '@jupyterlab/translation';
import { languageName } from '../../base/languages';
import { CallEntry } from '../../wire/transcript';
import { StepRenderer } from './base';

/** Code that ran in a kernel, under the name of its language. */
export const codeInterpreter: StepRenderer = {
  title: (call, running, trans) => {
    const language = languageName(languageOf(call));
    return running
      ? trans.__('%1 …', language)
      : endingOf(call.result ?? call.status, language, trans);
  },
  code: call => ({ text: call.code, language: languageOf(call), tools: true })
};

/** Return the language of a call's kernel; calls name it only where it is not Python. */
function languageOf(call: CallEntry): string {
  return call.name || 'python';
}

function endingOf(result: string, language: string, trans: TranslationBundle): string {
  switch (result) {
    case 'ok':
    case 'completed':
      return trans.__('Ran %1', language);
    case 'error':
      return trans.__('%1 raised an error', language);
    case 'interrupted':
    case 'cancelled':
      return trans.__('%1 was stopped', language);
    case 'timeout':
      return trans.__('%1 took too long', language);
    case 'died':
      return trans.__('The kernel died');
    case 'rejected':
      return trans.__('Rejected');
    default:
      return language;
  }
}

import { visible } from '../../base/hiddenCharacters';
import { pretty } from '../../base/pretty';
import { StepRenderer } from './base';

/** A function of the assistant with its JSON arguments. */
export const functionCall: StepRenderer = {
  title: (call, _, trans) => trans.__('Function %1', visible(call.name)),
  code: call => ({ text: pretty(call.code), language: 'json' })
};

/** A hosted tool that has no card of its own: its type, its arguments and its output. */
export const otherTool: StepRenderer = {
  title: (call, _, trans) => trans.__('Tool %1', visible(call.name || call.kind)),
  code: functionCall.code
};

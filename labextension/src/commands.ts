/** Ids of the commands of this extension. */
export namespace CommandIDs {
  export const open = 'jupyter-assistants:open';
  export const back = 'jupyter-assistants:back';
  export const toggle = 'jupyter-assistants:toggle';
  export const newThread = 'jupyter-assistants:new-thread';
  export const showThreads = 'jupyter-assistants:show-threads';
  export const stop = 'jupyter-assistants:stop';
  export const exportThread = 'jupyter-assistants:export-thread';
  export const openPlayground = 'jupyter-assistants:open-playground';
  export const askCell = 'jupyter-assistants:ask-cell';
  export const explainCell = 'jupyter-assistants:explain-cell';
  export const fixError = 'jupyter-assistants:fix-error';
  export const askOutput = 'jupyter-assistants:ask-output';
  export const askSelection = 'jupyter-assistants:ask-selection';
  export const askFile = 'jupyter-assistants:ask-file';
}

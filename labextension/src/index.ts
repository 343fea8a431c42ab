import { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { panelPlugin } from './plugins/panel';
import { fileCommandsPlugin } from './plugins/fileCommands';
import { notebookCommandsPlugin } from './plugins/notebookCommands';
import { panelCommandsPlugin } from './plugins/panelCommands';
import { playgroundPlugin } from './plugins/playground';
import { settingsPlugin } from './plugins/settings';
import { statusBarPlugin } from './plugins/statusBar';

export { IAssistants } from './tokens';

/** One plug-in for each subject, each in its own file. */
const plugins: JupyterFrontEndPlugin<any>[] = [
  panelPlugin,
  panelCommandsPlugin,
  notebookCommandsPlugin,
  fileCommandsPlugin,
  playgroundPlugin,
  settingsPlugin,
  statusBarPlugin
];

export default plugins;

import { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { panelPlugin } from './plugins/panel';
import { fileCommandsPlugin } from './plugins/fileCommands';
import { notebookCommandsPlugin } from './plugins/notebookCommands';
import { panelCommandsPlugin } from './plugins/panelCommands';
import { playgroundPlugin } from './plugins/playground';
import { settingsPlugin } from './plugins/settings';
import { statusBarPlugin } from './plugins/statusBar';

export { IAssistants } from './tokens';

/** The plug-ins of this extension, one for each subject. */
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

import { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { panelPlugin } from './plugins/panel';
import { playgroundPlugin } from './plugins/playground';

export { IAssistants } from './tokens';

/** One plug-in for each subject, each in its own file. */
const plugins: JupyterFrontEndPlugin<any>[] = [panelPlugin, playgroundPlugin];

export default plugins;

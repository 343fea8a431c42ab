import { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { DEFAULTS, PreferenceValues } from '../panels/main/preferences';
import { IAssistants } from '../tokens';

const ID = 'jupyter-assistants:plugin';

/** Reads the settings. Menus, toolbars and shortcuts are in the same schema. */
export const settingsPlugin: JupyterFrontEndPlugin<void> = {
  id: ID,
  description: 'Reads the settings of the assistant.',
  autoStart: true,
  requires: [IAssistants, ISettingRegistry],
  activate: async (
    _: JupyterFrontEnd,
    assistants: IAssistants,
    registry: ISettingRegistry
  ): Promise<void> => {
    const { panel } = assistants;
    const settings = await registry.load(ID);
    const read = (): void => {
      const values = Object.keys(DEFAULTS).map(name => [
        name,
        settings.get(name).composite
      ]);
      const given = Object.fromEntries(values) as PreferenceValues;
      if (given.defaultModel !== panel.preferences.values.defaultModel) {
        panel.assistants.chooseModel(given.defaultModel);
      }
      panel.preferences.set(given);
    };
    read();
    settings.changed.connect(read);
  }
};

// JupyterLab's list of extensions says by this file which Python package brought the panel.
require('fs').copyFileSync('../install.json', '../jupyter_assistants/labextension/install.json');

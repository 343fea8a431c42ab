"""One plug-in of each kind, each as small as it can be."""

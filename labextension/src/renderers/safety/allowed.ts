/** Elements that text, tables and images need. Others are removed; their text stays. */
export const ELEMENTS = new Set(
  (
    'a abbr acronym address article aside b bdi bdo big blockquote br caption center cite code ' +
    'col colgroup dd del details dfn div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 ' +
    'header hr i img input ins kbd li mark nav nobr ol p pre q s samp section small span strike ' +
    'strong sub summary sup table tbody td tfoot th thead time tr tt u ul var'
  ).split(' ')
);

/** Elements that are removed with their contents. */
export const EMPTIED = new Set(
  (
    'applet audio base canvas datalist embed frame frameset iframe link map math meta noembed ' +
    'noframes noscript object param plaintext script select source style svg template textarea ' +
    'title track video xmp'
  ).split(' ')
);

/** Attributes that load nothing, name nothing and take no key. */
export const ATTRIBUTES = new Set(
  (
    'align alt border cellpadding cellspacing checked class colspan color dir disabled height ' +
    'href lang open reversed rowspan scope span src start style summary title type valign width'
  ).split(' ')
);

/** Classes of highlighted code, ANSI colours and pandas; JupyterLab's own would imitate its UI. */
export const CLASSES =
  /^(language-[\w+#-]+|cm-[\w-]+|ͼ\w+|tok-\w+|ansi-[\w-]+|dataframe)$/;

const BOX = '(width|style|color)';
const PROPERTIES = new RegExp(
  `^(color|background-color|font-(weight|style|size|family)|text-(align|indent|transform)|` +
    `text-decoration-(line|color|style)|vertical-align|white-space(-collapse)?|text-wrap-mode|` +
    `padding-(top|right|bottom|left)|border-(top|right|bottom|left)-${BOX}|border-collapse|` +
    `width|min-width|max-width|height|list-style-type)$`
);
const VALUE = /^([^()\\]|rgba?\([\d\s.,%/]*\)|hsla?\([\d\s.,%a-z/]*\))*$/i;

/** Return whether a style property can neither load nor cover anything. */
export function isHarmless(property: string, value: string): boolean {
  return PROPERTIES.test(property) && VALUE.test(value);
}

/** Keep only the style properties of an element that can neither load nor cover anything. */
export function keepHarmlessStyle(element: HTMLElement): void {
  const kept: string[] = [];
  for (const property of [...element.style]) {
    const value = element.style.getPropertyValue(property);
    if (isHarmless(property, value)) {
      kept.push(`${property}: ${value}`);
    }
  }
  if (kept.length > 0) {
    element.setAttribute('style', kept.join('; '));
  } else {
    element.removeAttribute('style');
  }
}

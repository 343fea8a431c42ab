import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import { Transport } from '../wire/transport';

/** Return a transport to this page's Jupyter server, with its token and XSRF cookie. */
export function serverTransport(settings: ServerConnection.ISettings): Transport {
  const base = URLExt.join(settings.baseUrl, 'assistants', 'v1');
  return async request => {
    const init: RequestInit = {
      method: request.method,
      body: request.body,
      headers: request.headers,
      signal: request.signal,
      cache: 'no-store'
    };
    if (typeof request.body === 'string') {
      init.headers = { 'Content-Type': 'application/json', ...request.headers };
    } else if (request.body instanceof FormData) {
      // `makeRequest` would call the form JSON; only the browser can write its boundary.
      return sendForm(base + request.path, init, settings);
    }
    return ServerConnection.makeRequest(base + request.path, init, settings);
  };
}

/** Send a form as `makeRequest` would, but with the content type that the browser gives it. */
function sendForm(
  url: string,
  init: RequestInit,
  settings: ServerConnection.ISettings
): Promise<Response> {
  const headers = new Headers(init.headers);
  if (settings.token) {
    headers.set('Authorization', `token ${settings.token}`);
  }
  const xsrf = /(?:^|; )_xsrf=([^;]*)/.exec(document.cookie)?.[1];
  if (xsrf) {
    headers.set('X-XSRFToken', xsrf);
  }
  const more: RequestInit = { ...settings.init, ...init, headers };
  return settings.fetch.call(null, new settings.Request(url, more));
}

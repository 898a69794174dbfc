/** The page of the hotspot's own web server on which a token is exchanged for the key: `/join`. */
import type { Problem } from '../../model/errors.ts';
import type { HotspotAccess } from '../../model/wifi-uri.ts';

/** A request to the hotspot's web server, as far as it matters. */
export interface OnboardingRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Of at most a few kilobytes. */
  readonly body: string;
  readonly contentType: string;
  readonly accept: string;
  /** The address of who asks. */
  readonly from: string;
}

export interface OnboardingAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type Onboarding = (request: OnboardingRequest) => Promise<OnboardingAnswer>;

export const onboardingPath = '/join';

/**
 * Answers requests to `/join`. GET shows a form (with the token of the query filled in: a link may carry it, and whoever
 * looks at links in advance uses nothing up), POST exchanges the token. JSON for those who ask for it.
 */
export const createOnboarding =
  (redeem: (token: string, from: string) => HotspotAccess | Problem): Onboarding =>
  async ({ method, query, body, contentType, accept, from }) => {
    const wantsJson = accept.includes('application/json');
    if (method === 'GET' || method === 'HEAD') return page(200, form(query.get('token') ?? '', null));
    if (method !== 'POST') return { ...page(405, '<p>This page takes GET and POST.</p>'), headers: allowed };
    const token = tokenIn(body, contentType);
    const answer = redeem(token ?? '', from);
    if ('code' in answer) return wantsJson ? json(403, { error: answer }) : page(403, form('', answer));
    if (wantsJson) return json(200, answer);
    const { qrSvg } = await import('../qr/qr.ts');
    return page(200, granted(answer, qrSvg(answer.uri)));
  };

function tokenIn(body: string, contentType: string): string | null {
  if (!contentType.startsWith('application/json')) return new URLSearchParams(body).get('token');
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && 'token' in value && typeof value.token === 'string'
      ? value.token
      : null;
  } catch {
    return null;
  }
}

/** No script, nothing from elsewhere, kept by nobody. */
const headers = {
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const;
const allowed = { ...headers, 'content-type': 'text/html; charset=utf-8', allow: 'GET, HEAD, POST' } as const;

const json = (status: number, value: unknown): OnboardingAnswer => ({
  status,
  headers: { ...headers, 'content-type': 'application/json' },
  body: `${JSON.stringify(value)}\n`,
});

const page = (status: number, content: string): OnboardingAnswer => ({
  status,
  headers: { ...headers, 'content-type': 'text/html; charset=utf-8' },
  body: `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Join this network</title>
<style>
:root { color-scheme: light dark; font: 1.1rem/1.5 system-ui, sans-serif; }
body { max-width: 26rem; margin: 2rem auto; padding: 0 1rem; }
input, button { font: inherit; width: 100%; box-sizing: border-box; padding: .6rem; margin: .3rem 0; }
dd { margin: 0 0 .8rem; font-family: ui-monospace, monospace; overflow-wrap: anywhere; }
svg { width: 100%; height: auto; }
.wrong { border-left: .3rem solid #c33; padding-left: .8rem; }
</style>
</head>
<body>
<h1>Join this network</h1>
${content}
</body>
</html>
`,
});

const form = (
  token: string,
  problem: Problem | null,
): string => `${problem === null ? '' : `<p class="wrong" role="alert">${html(problem.message)}.</p>\n`}<form method="post" action="${onboardingPath}">
<label for="token">The token you were given. It is good once, and for a short time.</label>
<input id="token" name="token" value="${html(token.slice(0, 100))}" autocomplete="off" autocapitalize="none" spellcheck="false" required>
<button>Show the key</button>
</form>`;

const granted = ({ ssid, passphrase }: HotspotAccess, svg: string): string => `<dl>
<dt>Network</dt><dd>${html(ssid)}</dd>
<dt>Key</dt><dd>${passphrase === null ? 'none: it is open' : html(passphrase)}</dd>
</dl>
${svg}
<p>Other devices join by reading this with their camera.</p>`;

const html = (text: string): string =>
  text.replaceAll(/[&<>"']/gu, (character) => `&#${character.codePointAt(0) ?? 0};`);

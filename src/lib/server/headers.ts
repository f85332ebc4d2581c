/** Headers of every answer; the content security policy is SvelteKit's (svelte.config.js). */
export function securityHeaders(url: URL): [string, string][] {
  const headers: [string, string][] = [
    ['x-content-type-options', 'nosniff'],
    ['referrer-policy', 'same-origin'],
    ['x-frame-options', 'DENY'],
    ['cross-origin-opener-policy', 'same-origin'],
    ['cross-origin-resource-policy', 'same-origin'],
    ['permissions-policy', 'camera=(), microphone=(), geolocation=(), payment=()'],
  ];
  if (url.protocol === 'https:') headers.push(['strict-transport-security', 'max-age=31536000']);
  return headers;
}

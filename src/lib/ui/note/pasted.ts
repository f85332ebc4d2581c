/**
 * Another page's HTML without style sheets and handlers. The note's schema knows neither, and nothing of them would run;
 * but merely reading them raises reports of the content security policy.
 */
export function calmPasted(html: string): string {
  return html
    .replace(/<style\b[^]*?<\/style\s*>/gi, '')
    .replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/([\s/"'])on[a-z]+\s*=/gi, '$1data-dropped='));
}

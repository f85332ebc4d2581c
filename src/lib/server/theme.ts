/** The theme that the page is first drawn in; `system` leaves it to the browser, without a flash. */
export function themeOf(chosen: string | undefined): 'light' | 'dark' | 'system' {
  return chosen === 'light' || chosen === 'dark' ? chosen : 'system';
}

/** Keeps a preference of this browser for a year, where the server reads it before it writes the first byte. */
export function keepPreference(name: string, value: string): void {
  document.cookie = `${name}=${value}; path=/; max-age=31536000; samesite=lax`;
}

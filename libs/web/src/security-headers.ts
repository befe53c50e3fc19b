/**
 * Sent with every answer, errors included. Answers name people's circumstances: no cache on the way may keep one, and
 * should a browser ever show one, it may neither run, frame nor pass on anything of it.
 */
export const SECURITY_HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=63072000; includeSubDomains',
  'x-content-type-options': 'nosniff',
} as const;

// What the file system says when it has no room. By shape, not by class: under a test runner its errors are of another realm's class.

/** True when the disk, or this user's share of it, is full. */
export function isNoSpace(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
}

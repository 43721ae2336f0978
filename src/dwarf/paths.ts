// Paths as compilers write them: joined, without `.` and `..`, compared by their tails.

export function isAbsolute(path: string): boolean {
  return path.startsWith('/') || /^[A-Za-z]:[\\/]/.test(path);
}

export function joinPath(folder: string, path: string): string {
  return isAbsolute(path) || folder === '' ? path : `${folder.replace(/\/$/, '')}/${path}`;
}

/** Without `.`, `..` (where a folder precedes it) and doubled slashes. */
export function normalizePath(path: string): string {
  const parts: string[] = [];
  for (const part of path.replace(/\\/g, '/').split('/')) {
    if (part === '.' || (part === '' && parts.length > 0)) continue;
    if (part === '..' && parts.length > 0 && parts[parts.length - 1] !== '..' && parts[parts.length - 1] !== '') parts.pop();
    else parts.push(part);
  }
  return parts.join('/') || (path.startsWith('/') ? '/' : '.');
}

/** Whether `wanted` (a path or the tail of one) names the file at `path`; a `path` that is not absolute may itself be a tail of `wanted`. */
export function pathMatches(path: string, wanted: string): boolean {
  if (path === wanted || path.endsWith(`/${wanted}`)) return true;
  return !isAbsolute(path) && wanted.endsWith(`/${path}`);
}

// Files below a folder whose path matches a pattern, sorted. (node:fs has glob only from Node 22 on.)
import { readdirSync } from 'node:fs';

export function globSync(folder, pattern) {
  const found = [];
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) found.push(...globSync(path, pattern));
    else if (pattern.test(path)) found.push(path);
  }
  return found.sort();
}

// A tree of files as a text, one a line, behind a first newline. Linux has no such thing: there each file is a struct with functions.
//
//   path = text      a file that all may read; \n ends a line of it; @name: what the function of that name gives, -errno N: the error of reading it
//   path ~ text      the same, with the mode of one that its owner writes to
//   path -> target   a symbolic link
//   path/            an empty directory; others follow from what lies in them

/** What stands behind the path on its line; null: it has none. */
export function tree_line(tree: string, path: string): string | null {
  const at = tree.indexOf(`\n${path} `);
  return at < 0 ? null : tree.slice(at + path.length + 2, tree.indexOf('\n', at + 1));
}

export const tree_has_folder = (tree: string, path: string): boolean => tree.includes(`\n${path}/`);

/** The text of a file's line. */
export const tree_text = (line: string): string => line.slice(2).replaceAll('\\n', '\n').replaceAll('\\t', '\t');

/** The names in a folder, '' being the root, with the first character of what follows: '/' of a folder, '-' of a link. */
export function tree_children(tree: string, path: string): Map<string, string> {
  const start = path === '' ? '\n' : `\n${path}/`, found = new Map<string, string>();
  for (let at = tree.indexOf(start); at >= 0; at = tree.indexOf(start, at + 1)) {
    const from = at + start.length;
    let end = from;
    while (end < tree.length && tree[end] !== ' ' && tree[end] !== '/' && tree[end] !== '\n') end++;
    if (end > from) found.set(tree.slice(from, end), tree[end] === '/' ? '/' : tree[end + 1] ?? '=');
  }
  return found;
}

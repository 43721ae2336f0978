// How the files that a program wrote in the sandbox are named to a person, and where each goes when it is saved. Knows nothing of VS Code.
import path from 'node:path';

const { posix } = path;

/** "1 file written in the sandbox: test.txt": names relative to the program's folder where they are below it. */
export function sandboxSentence(files: readonly string[], cwd: string): string {
  const names = files.map(file => below(file, cwd) ?? file);
  const shown = names.slice(0, 5).join(', ') + (names.length > 5 ? ` and ${names.length - 5} more` : '');
  return `${files.length} file${files.length === 1 ? '' : 's'} written in the sandbox: ${shown}`;
}

/** The path segments below the workspace folder: the file's own place when it is in the folder, else below cwd, else under sandbox/. */
export function placeInWorkspace(file: string, cwd: string, folder: string): string[] {
  const place = below(file, folder) ?? below(file, cwd) ?? posix.join('sandbox', posix.normalize(`/${file}`));
  return place.split('/').filter(segment => segment !== '');
}

function below(file: string, folder: string): string | undefined {
  const relative = posix.relative(posix.normalize(folder), posix.normalize(file));
  return relative === '' || relative === '..' || relative.startsWith('../') || !file.startsWith('/') || !folder.startsWith('/') ? undefined : relative;
}

// Asks a person which program they mean, and only when there is doubt.
import path from 'node:path';
import * as vscode from 'vscode';
import { type Candidate, findPrograms, isElfPath, obviousProgram } from './find_program';

/** The file in the active editor (text or binary), if it is a file of this computer. */
export function debuggedFile(): string | undefined {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  const uri = vscode.window.activeTextEditor?.document.uri ?? (input instanceof vscode.TabInputText || input instanceof vscode.TabInputCustom ? input.uri : undefined);
  return uri?.scheme === 'file' ? uri.fsPath : undefined;
}

/** The program that a file stands for: itself, the one built from it, or the one that the person picks. */
export async function programOf(file: string, folder: vscode.WorkspaceFolder | undefined): Promise<string | undefined> {
  if (await isElfPath(file)) return file;
  const candidates = await findPrograms(placesFor(file, folder), file);
  const obvious = obviousProgram(candidates);
  if (obvious) return obvious;
  if (candidates.length) return pick(candidates, folder, `Which program was built from ${path.basename(file)}?`);
  return explainMissing(file, folder);
}

/** Lets the person choose among the programs near the active file and in the workspace, or any file. */
export async function chooseProgram(folder = vscode.workspace.workspaceFolders?.[0]): Promise<string | undefined> {
  const file = debuggedFile();
  const candidates = await findPrograms(placesFor(file, folder), file);
  return candidates.length ? pick(candidates, folder, 'Which program do you want to debug?') : browse(folder);
}

function placesFor(file: string | undefined, folder: vscode.WorkspaceFolder | undefined): string[] {
  return [...(file ? [path.dirname(file)] : []), ...(folder ? [folder.uri.fsPath] : [])];
}

async function pick(candidates: readonly Candidate[], folder: vscode.WorkspaceFolder | undefined, question: string): Promise<string | undefined> {
  const items: (vscode.QuickPickItem & { file?: string })[] = candidates.map(candidate => ({
    label: path.basename(candidate.file), description: vscode.workspace.asRelativePath(path.dirname(candidate.file), true), file: candidate.file,
    detail: candidate.canStart ? undefined : 'needs a dynamic linker that this computer does not have: set "sysroot"',
  }));
  const other = { label: '$(folder-opened) Another file...' };
  const chosen = await vscode.window.showQuickPick<vscode.QuickPickItem & { file?: string }>([...items, other], { placeHolder: question, matchOnDescription: true });
  if (!chosen) return undefined;
  return chosen.file ?? browse(folder);
}

async function browse(folder: vscode.WorkspaceFolder | undefined): Promise<string | undefined> {
  const [uri] = await vscode.window.showOpenDialog({ title: 'An x86-64 Linux program', openLabel: 'Debug', defaultUri: folder?.uri }) ?? [];
  return uri?.fsPath;
}

async function explainMissing(file: string, folder: vscode.WorkspaceFolder | undefined): Promise<string | undefined> {
  const source = path.basename(file), stem = path.basename(file, path.extname(file));
  const compiler = source.endsWith('.c') ? 'gcc' : 'g++';
  const choose = 'Choose a program...';
  const answer = await vscode.window.showInformationMessage(`No x86-64 Linux program was found for ${source}.`,
    { modal: true, detail: `Build one beside it and press F5 again:\n\n${compiler} -g -o ${stem} ${source}` }, choose);
  return answer === choose ? browse(folder) : undefined;
}

// Debug configurations: F5 without launch.json, the entries of "Select and Start Debugging", and the checks before a launch.
import path from 'node:path';
import * as vscode from 'vscode';
import { findPrograms, isElfPath } from './find_program';
import { chooseProgram, debuggedFile, programOf } from './program_picker';

const name = 'Ringside';

/** Fills in what a launch.json would say. Registered for F5. */
export class LaunchProvider implements vscode.DebugConfigurationProvider {
  provideDebugConfigurations(): vscode.DebugConfiguration[] {
    return [{ type: 'ringside', request: 'launch', name: `${name}: debug a program`, program: '${command:pickProgram}', stopOnEntry: true }];
  }

  /** undefined aborts the launch silently: the person was asked and declined. */
  async resolveDebugConfiguration(folder: vscode.WorkspaceFolder | undefined, given: vscode.DebugConfiguration): Promise<vscode.DebugConfiguration | undefined> {
    if (given.type || given.request || given.name) return given;
    const file = debuggedFile();
    const program = file ? await programOf(file, folder) : await chooseProgram(folder);
    return program ? configurationFor(program, folder) : undefined;
  }

  resolveDebugConfigurationWithSubstitutedVariables(folder: vscode.WorkspaceFolder | undefined, config: vscode.DebugConfiguration): vscode.DebugConfiguration | undefined {
    if (typeof config['recording'] === 'string') return { ...config, recording: path.resolve(folder?.uri.fsPath ?? '.', config['recording']) };
    if (typeof config['program'] === 'string' && config['program'] !== '') return config;
    void vscode.window.showErrorMessage(`"${config.name}" names no program. Add "program": the path of an x86-64 Linux program (an ELF file).`, { modal: true });
    return undefined;
  }
}

/** Lists the programs of the workspace in "Select and Start Debugging". */
export class DiscoveredPrograms implements vscode.DebugConfigurationProvider {
  async provideDebugConfigurations(folder: vscode.WorkspaceFolder | undefined): Promise<vscode.DebugConfiguration[]> {
    const places = folder ? [folder.uri.fsPath] : [];
    return (await findPrograms(places)).map(({ file }) => configurationFor(file, folder));
  }
}

/** The configuration that stands for "debug this program", as F5 without launch.json uses it. */
export function configurationFor(program: string, folder: vscode.WorkspaceFolder | undefined): vscode.DebugConfiguration {
  const label = folder && !path.relative(folder.uri.fsPath, program).startsWith('..') ? path.relative(folder.uri.fsPath, program) : path.basename(program);
  return { type: 'ringside', request: 'launch', name: `${name}: ${label}`, program, cwd: path.dirname(program), stopOnEntry: true };
}

/** Starts debugging (or running) the file that a command was invoked on: a source file or a program. */
export async function debugFile(uri: vscode.Uri | undefined, noDebug: boolean): Promise<void> {
  const file = uri?.fsPath ?? debuggedFile();
  const folder = file ? vscode.workspace.getWorkspaceFolder(vscode.Uri.file(file)) : vscode.workspace.workspaceFolders?.[0];
  const program = file ? (await isElfPath(file) ? file : await programOf(file, folder)) : await chooseProgram(folder);
  if (program) await vscode.debug.startDebugging(folder, { ...configurationFor(program, folder), ...(noDebug && { stopOnEntry: false }) }, { noDebug });
}

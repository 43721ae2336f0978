// The extension's entry: registers what package.json declares. Each thing registered lives in its own file.
import * as vscode from 'vscode';
import { AdapterProcess } from './adapter_process';
import { Backwards } from './backwards';
import { CallNotes } from './call_note';
import { DiscoveredPrograms, LaunchProvider, debugFile } from './configuration';
import { KernelSources } from './kernel_source';
import { PositionItem } from './position';
import { KernelTree } from './kernel_tree';
import { ProgramTerminals } from './program_terminal';
import { chooseProgram } from './program_picker';
import { SandboxFiles } from './sandbox_files';
import { StraceLogs } from './strace_log';
import { TimingPanel } from './timing_panel';

export function activate(context: vscode.ExtensionContext): void {
  const timing = new TimingPanel(context.extensionUri, context.storageUri);
  const { Dynamic, Initial } = vscode.DebugConfigurationProviderTriggerKind;
  context.subscriptions.push(
    vscode.debug.registerDebugConfigurationProvider('ringside', new LaunchProvider(), Initial),
    vscode.debug.registerDebugConfigurationProvider('ringside', new DiscoveredPrograms(), Dynamic),
    vscode.debug.registerDebugAdapterDescriptorFactory('ringside', new AdapterProcess(context.extensionUri)),
    new SandboxFiles(),
    new KernelSources(context.extensionUri),
    new CallNotes(),
    timing,
    vscode.commands.registerCommand('ringside.timing', () => timing.show()),
    new PositionItem(),
    new Backwards(),
    new KernelTree(),
    new StraceLogs(),
    new ProgramTerminals(),
    vscode.commands.registerCommand('ringside.debugFile', (uri?: vscode.Uri) => debugFile(uri, false)),
    vscode.commands.registerCommand('ringside.runFile', (uri?: vscode.Uri) => debugFile(uri, true)),
    vscode.commands.registerCommand('ringside.pickProgram', () => chooseProgram()),
  );
}

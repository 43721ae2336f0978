// initialize: what this adapter can do, gathered from the requests that exist.
import type { DebugProtocol } from '@vscode/debugprotocol';
import { request } from '../request';
import { capabilities } from '../capabilities';

export default request<DebugProtocol.InitializeRequestArguments, DebugProtocol.Capabilities>('initialize', (session, args) => {
  session.linesStartAt1 = args.linesStartAt1 ?? true;
  session.columnsStartAt1 = args.columnsStartAt1 ?? true;
  session.opensKernelDocuments = args.clientID === 'vscode' || args.clientID === 'ringside-test';
  // VS Code showed styles before it could say so.
  session.showsStyles = args.supportsANSIStyling ?? args.clientID === 'vscode';
  return capabilities();
}, { supportsANSIStyling: true });

// source: the text of a file of the simulated kernel, or the machine code of a function without source. Our extension has a language for the latter, in which breakpoints can be set.
import type { DebugProtocol } from '@vscode/debugprotocol';
import { UserError } from '../../base/errors';
import { kernelFile } from '../../debugger/kernel_source';
import { kernelDocumentOf } from '../kernel_source';
import { request } from '../request';

export default request<DebugProtocol.SourceArguments, DebugProtocol.SourceResponse['body']>('source', (session, { source, sourceReference }) => {
  const listing = session.listings.at(source?.sourceReference ?? sourceReference);
  if (listing !== undefined) return { content: listing.text, mimeType: session.opensKernelDocuments ? 'text/x-ringside-asm' : 'text/x-asm' };
  const document = kernelDocumentOf(session, source, source?.sourceReference ?? sourceReference);
  const file = document && kernelFile(document);
  const found = session.debugger.target.kernel.sources.find(({ path }) => path === file);
  if (!found) throw new UserError(`there is no kernel source ${file ?? source?.path ?? sourceReference}`);
  return { content: found.text, mimeType: found.path.endsWith('.ts') ? 'text/typescript' : 'text/x-asm' };
});

// ringside/readFile: a file of the guest, in base64.
import { UserError } from '../../base/errors';
import { request } from '../request';
import { utf8 } from '../session';

export default request<{ path: string }, { data: string }>('ringside/readFile', (session, { path }) => {
  const { launched } = session;
  if (!launched) throw new UserError('nothing has been launched yet');
  const written = launched.writtenFiles().find(file => utf8(file.path) === path);
  const contents = written?.data() ?? launched.target.readFile(Buffer.from(path, 'utf8').toString('latin1'));
  if (!contents) throw new UserError(`the program has no file ${path}`);
  return { data: Buffer.from(contents).toString('base64') };
});

// ringside/input: what the person typed for the program.
import { request } from '../request';

export default request<{ text: string }, undefined>('ringside/input', (session, { text }) => { session.launched?.type?.(text); return undefined; });

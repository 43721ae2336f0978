// pause: stops after the slice that runs now.
import { Answer, request } from '../request';

export default request<unknown, undefined>('pause', session => new Answer(undefined, () => session.pause()));

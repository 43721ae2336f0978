// terminate: the program ends; what it has written is told first.
import { Answer, request } from '../request';

export default request<unknown, undefined>('terminate', session => new Answer(undefined, () => session.terminate()), { supportsTerminateRequest: true });

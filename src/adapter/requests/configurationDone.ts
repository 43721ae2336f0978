// configurationDone: breakpoints are set, the program may begin.
import { Answer, request } from '../request';
import { begin } from '../begin';

export default request<unknown, undefined>('configurationDone', session => new Answer(undefined, () => begin(session)), { supportsConfigurationDoneRequest: true });

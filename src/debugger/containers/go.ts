// Go's strings and slices. go: cmd/link/internal/ld/dwarf.go.
import { strip } from '../../dwarf/ctype';
import { field, length, number, type Opener, sequence, textContainer } from './container';

export const goString: Opener = (value, _type, memory) => textContainer(number(memory, value, 'str'), length(memory, value, 'len'), memory);

export const goSlice: Opener = (value, type, memory) => {
  const array = field(value, 'array'), to = array && strip(array.type), at = array && number(memory, array), many = length(memory, value, 'len'), capacity = length(memory, value, 'cap');
  if (to?.kind !== 'pointer' || at === undefined || many === undefined || capacity === undefined || many > capacity) return undefined;
  return sequence(`${type.tag} of length ${many}, capacity ${capacity}`, 'list', to.target, at, many, memory, '.array');
};

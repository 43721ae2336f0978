// Options as getopt_long(3) takes them apart, with its words for what is wrong: letters together or apart, long names in full or as far as they are unambiguous. Stops at the program.
import { UserError } from '../base/errors';

export interface OptionSpec {
  readonly letter?: string;
  readonly names: readonly string[];
  /** What stands for the value; none: a switch. */
  readonly value?: string;
  /** The long form may leave the value away; the letter never has one then. */
  readonly isOptional?: boolean;
}

/** An option as it was given. `name`: how a message calls it, `-a` or `--columns`. */
export interface GivenOption<S extends OptionSpec> { readonly spec: S; readonly name: string; readonly value: string | undefined }

export function getopt<S extends OptionSpec>(specs: readonly S[], words: readonly string[]): { given: GivenOption<S>[]; rest: string[] } {
  const given: GivenOption<S>[] = [], rest = words.slice();
  while (rest.length > 0) {
    const word = rest[0] ?? '';
    if (word === '--') return { given, rest: rest.slice(1) };
    if (!word.startsWith('-') || word === '-') break;
    rest.shift();
    if (word.startsWith('--')) given.push(longOption(specs, word.slice(2), rest));
    else letters(specs, word.slice(1), rest, given);
  }
  return { given, rest };
}

function letters<S extends OptionSpec>(specs: readonly S[], word: string, rest: string[], given: GivenOption<S>[]): void {
  for (let i = 0; i < word.length; i++) {
    const letter = word[i] ?? '', spec = specs.find(one => one.letter === letter);
    if (!spec) throw new UserError(`invalid option -- '${letter}'`);
    if (spec.value === undefined || spec.isOptional) {
      given.push({ spec, name: `-${letter}`, value: undefined });
      continue;
    }
    const value = word.slice(i + 1) || rest.shift();
    if (value === undefined) throw new UserError(`option requires an argument -- '${letter}'`);
    given.push({ spec, name: `-${letter}`, value });
    return;
  }
}

function longOption<S extends OptionSpec>(specs: readonly S[], word: string, rest: string[]): GivenOption<S> {
  const equals = word.indexOf('='), prefix = equals < 0 ? word : word.slice(0, equals);
  const found = specs.flatMap(spec => spec.names.filter(name => name.startsWith(prefix)).map(name => ({ spec, name })));
  const exact = found.find(one => one.name === prefix), first = exact ?? found[0];
  if (!first) throw new UserError(`unrecognized option '--${word}'`);
  if (!exact && found.some(one => one.spec !== first.spec)) throw new UserError(`option '--${word}' is ambiguous; possibilities: ${found.map(one => `'--${one.name}'`).join(' ')}`);
  const { spec, name } = first;
  let value = equals < 0 ? undefined : word.slice(equals + 1);
  if (spec.value === undefined && value !== undefined) throw new UserError(`option '--${name}' doesn't allow an argument`);
  if (spec.value !== undefined && !spec.isOptional) value ??= rest.shift();
  if (spec.value !== undefined && !spec.isOptional && value === undefined) throw new UserError(`option '--${name}' requires an argument`);
  return { spec, name: `--${name}`, value };
}

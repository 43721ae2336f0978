import assert from 'node:assert/strict';
import { HELP, parseArguments, parseEpoch } from '../../src/cli/arguments';

const fails = (words: string, sentence: RegExp): void => {
  assert.throws(() => parseArguments(words.split(' ').filter(w => w)), (error: Error) => error.name === 'UserError' && sentence.test(error.message), words);
};

describe('command line', () => {
  it('what follows the program is the program\'s', () => {
    const line = parseArguments(['strace', '-f', '-o', 'log', 'ls', '-l', '--help', '-o']);
    assert.deepEqual([line.command, line.program, line.args, line.options.output, line.options.followForks], ['strace', 'ls', ['-l', '--help', '-o'], 'log', true]);
  });

  it('-- ends our options', () => {
    assert.deepEqual(parseArguments(['run', '--', '-odd', '-x']), { ...parseArguments(['run', '-odd'.slice(1), '-x']), program: '-odd' });
  });

  it('switches can be joined, and a value can stick to its letter or its word', () => {
    const { options } = parseArguments(['strace', '-fcttT', '-olog', '-s99', '-yyi', '--save=out', '-e', 'trace=%file', '-ewrite', 'true']);
    assert.deepEqual([options.followForks, options.summaryOnly, options.shape, options.output, options.stringLimit, options.save, options.expressions],
      [true, true, ['tt', 'T', 'yy', 'i'], 'log', 99, 'out', ['trace=%file', 'write']]);
  });

  it('mistakes are told in a sentence', () => {
    fails('', /a command is missing/);
    fails('walk x', /'walk' is not a command/);
    fails('run', /the program is missing/);
    fails('strace --', /the program is missing/);
    fails('run -f x', /-f is an option of ringside strace only/);
    fails('run -tt x', /-tt is an option of ringside strace only/);
    fails('strace -o', /-o needs a value: -o FILE/);
    fails('strace -s ten x', /-s needs a number/);
    fails('strace -J x', /unknown option -J/);
    fails('strace --what x', /unknown option --what/);
  });

  it('the epoch is seconds or an ISO date', () => {
    assert.equal(parseEpoch('1.5'), 1_500_000_000n);
    assert.equal(parseEpoch('1970-01-01T00:00:02Z'), 2_000_000_000n);
    assert.throws(() => parseEpoch('soon'), /--epoch needs/);
  });

  it('--help names every command and no line of it is long', () => {
    assert.equal(parseArguments(['--help']).command, 'help');
    assert.match(HELP, /run .*\n.*strace/);
    assert.deepEqual(HELP.split('\n').filter(line => line.length > 160), []);
  });
});

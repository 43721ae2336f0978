import assert from 'node:assert/strict';
import '../../src/kernel/arch/x86/entry';
import { HELP, parseArguments, parseEpoch } from '../../src/cli/arguments';

const fails = (words: string, sentence: RegExp): void => {
  assert.throws(() => parseArguments(words.split(' ').filter(w => w)), (error: Error) => error.name === 'UserError' && sentence.test(error.message), words);
};

describe('command line', () => {
  it('what follows the program is the program\'s', () => {
    const line = parseArguments(['strace', '-f', '-o', 'log', 'ls', '-l', '--help', '-o']);
    assert.deepEqual([line.command, line.program, line.args, line.trace?.output, line.trace?.log.follow], ['strace', 'ls', ['-l', '--help', '-o'], 'log', true]);
  });

  it('-- ends our options', () => {
    assert.deepEqual(parseArguments(['run', '--', '-odd', '-x']), { ...parseArguments(['run', '-odd'.slice(1), '-x']), program: '-odd' });
  });

  it('switches can be joined, and a value can stick to its letter or its word', () => {
    const { options, trace } = parseArguments(['strace', '-fCttT', '-olog', '-s99', '-yyi', '--save=out', '-e', 'trace=%file', '-ewrite', 'true']);
    assert.ok(trace);
    const { log, summary, output, calls } = trace;
    assert.deepEqual([log.follow, summary?.isOnly, log.time, log.callTimes, log.fdDetail?.size, log.instructionPointer, output, log.stringLimit, options.save, calls.has('write'), calls.has('open')],
      [true, false, { format: 'time', digits: 6 }, 6, 4, true, 'log', 99, 'out', true, false]);
  });

  it('mistakes are told in a sentence', () => {
    fails('', /a command is missing/);
    fails('walk x', /'walk' is not a command/);
    fails('run', /the program is missing/);
    fails('strace --', /the program is missing/);
    fails('strace -o', /option requires an argument -- 'o'/);
    fails('strace -s ten x', /invalid -s argument: 'ten'/);
    fails('strace -J x', /invalid option -- 'J'/);
    fails('strace --what x', /unrecognized option '--what'/);
    fails('run -f x', /-f is an option of ringside strace only/);
    fails('run -tt x', /-t is an option of ringside strace only/);
    fails('run --what x', /unknown option --what/);
    fails('strace -p 1', /-p is not supported/);
    fails('strace -e inject=open:error=1 x', /-e inject= is not supported/);
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

import assert from 'node:assert/strict';
import { NodeFiles } from '../../src/host/node/files';
import type { Session } from '../../src/machine/assemble';
import type { Host, HostFiles } from '../../src/machine/host';
import { launchMachine } from '../../src/machine/launch';
import { hashOf, journeyHost, journeys, launchOptionsOf, type Journey } from './journeys';

/** Files that have no answer to the first two times that a question is asked. */
function lateFiles(files: HostFiles): HostFiles {
  const asked = new Map<string, number>();
  const late = <T>(question: string, answer: () => T): T | 'pending' => {
    const times = (asked.get(question) ?? 0) + 1;
    asked.set(question, times);
    return times > 2 ? answer() : 'pending';
  };
  return {
    lstat: (root, path) => late(`s${path}`, () => files.lstat(root, path)), readlink: (root, path) => late(`l${path}`, () => files.readlink(root, path)),
    readdir: (root, path) => late(`d${path}`, () => files.readdir(root, path)),
    read: (root, path, offset, length) => late(`r${path} ${offset} ${length}`, () => files.read(root, path, offset, length)),
  };
}

function finish({ machine }: Session): number {
  for (let i = 0; i < 1e6; i++) {
    const stop = machine.run(3000);
    if (stop.kind === 'exited') return stop.status;
    assert.notEqual(stop.kind, 'deadlock');
  }
  assert.fail('it never ends');
}

const wanted = journeys.filter(({ name }) => /^(files|exec|threads|terminal|typing|window|ls|sh)\b/.test(name));

describe('a host that answers late', function () {
  this.timeout(60_000);
  for (const journey of wanted) {
    it(`${journey.name}: boot and calls wait for it, and the same answers come at the same places again`, () => {
      const run = (journey: Journey, change: (host: Host) => Host): { session: Session; status: number; output: string } => {
        const { host, output } = journeyHost(journey, 1e6);
        const session = launchMachine(launchOptionsOf(journey), change(host));
        return { session, status: finish(session), output: output() };
      };
      const prompt = run(journey, host => host);
      const files = lateFiles(new NodeFiles());
      const late = run(journey, host => ({ ...host, files }));
      if (/^(files|ls|sh|terminal|typing)/.test(journey.name)) assert.ok(late.session.machine.parts.recorder.wakes.length > 0, 'the guest has waited');
      const { session: { machine }, status, output } = late;
      assert.deepEqual([status, journey.name.startsWith('ls') ? '' : output], [prompt.status, journey.name.startsWith('ls') ? '' : prompt.output]);
      const hash = hashOf(late.session);
      const { console, files: recordedFiles, recorder } = machine.parts;
      const recorded = { answers: recordedFiles.entries(), wakes: recorder.wakes, console: console.inputs(), end: machine.position };
      const nobody: HostFiles = { lstat: () => assert.fail(), readlink: () => assert.fail(), readdir: () => assert.fail(), read: () => assert.fail() };
      const again = run(journey, host => ({ ...host, files: nobody, recorded, elapsedNs: () => 0, console: { ...host.console, take: () => assert.fail('the host is asked for input') } }));
      assert.deepEqual([again.status, again.output, hashOf(again.session)], [status, output, hash]);
    });
  }

  it('a program that the late host does not have is refused when it is known', () => {
    const { host } = journeyHost({ name: 'none', program: '/none', args: [], input: [] });
    const session = launchMachine({ program: '/none', argv: ['none'], env: [], cwd: '/' }, { ...host, files: lateFiles(new NodeFiles()) });
    assert.throws(() => finish(session), /\/none: .*\(ENOENT\)/);
  });
});
